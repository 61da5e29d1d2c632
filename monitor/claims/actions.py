"""Action classes: verbs, nouns and participles of one kind of event under one name; and which classes exclude which.

The lists are ours. A word may be in one class only; what is in none is compared by its stem.
"""

from __future__ import annotations

from typing import Final

from monitor.claims.words import stem, tokens

__all__ = ["OPPOSITES", "action_class", "actions_of", "opposed"]

_WORDS: Final[dict[str, str]] = {
    "deploy": """deploy deployment station stationing dispatch redeploy reinforcement reinforcements amass mobilise
        mobilize mobilisation mobilization arrive arrived arrival garrison encamp presence boots""",
    "withdraw": "withdraw withdrew withdrawn withdrawal pullout pullback retreat evacuate evacuation depart",
    "fight": "fight fought fighting clash clashes battle combat skirmish offensive firefight",
    "strike": """strike struck airstrike airstrikes raid raids bomb bombed bombing bombard bombardment shell shelled
        shelling shells attack attacked pound pounded hit target targeted missile missiles rocket rockets mortar barrage
        torpedo drone-strike""",
    "kill": """kill killed killing slay slain slew dead die died dies death deaths dying murder murdered execute
        executed execution massacre fatality fatalities toll perish assassinate assassination behead beheaded lynch""",
    "wound": "wound wounded injure injured injury injuries hurt maim casualty casualties hospitalised hospitalized",
    "capture": """capture captured seize seized seizure overrun retake retook retaken conquer occupy
        occupied occupation conquered liberate liberated""",
    "lose": "lose lost loses losing surrender surrendered abandon abandoned",
    "arrest": "arrest arrested detain detained detention jail jailed custody imprison imprisoned apprehend apprehended",
    "release": "release released free freed bail acquit acquitted acquittal exonerate exonerated",
    "abduct": "abduct abducted abduction kidnap kidnapped hostage hostages",
    "charge": "charge charged indict indicted indictment accuse accused prosecute prosecuted",
    "convict": "convict convicted conviction guilty sentence sentenced",
    "sink": "sink sank sunk sinking capsize capsized founder",
    "collide": "collide collided collision crash crashed touch touched ram rammed derail derailed",
    "shoot_down": "downed shootdown",
    "shoot": "shoot shot shooting gunfire gunned open-fire",
    "resign": "resign resigned resignation quit quits step-down oust ousted sack sacked",
    "appoint": "appoint appointed appointment nominate nominated elect elected",
    "sign": "sign signed signing ratify ratified accord treaty",
    "agree": "agree agreed agreement accept accepted acceptance deal approve approved approval endorse",
    "reject": "reject rejected rejection refuse refused refusal rebuff veto vetoed decline ",
    "meet": "meet met meeting talks summit negotiate negotiation negotiations",
    "cease_fire": "ceasefire cease-fire truce armistice",
    "gas": "gassed gassing",
    "destroy": "destroy destroyed destruction demolish demolished raze razed wreck wrecked damage damaged",
    "rise": """rise rose risen rising increase increased climb climbed soar soared grow grew grown growth gain gained
        jump jumped surge surged higher""",
    "fall": """fall fell fallen falling decrease decreased decline drop dropped
        plunge plunged shrink shrank slump slumped tumble cut cuts""",
    "open": "open opened opening reopen reopened restore restored resume resumed",
    "close": "close closed closing closure shut shutdown suspend suspended halt halted stop stopped",
    "win": "win won wins winning victory beat defeated triumph",
    "buy": "buy bought buying acquire acquired acquisition purchase purchased takeover",
    "sell": "sell sold selling sale",
    "survive": "survive survived survivor alive unharmed unhurt safe rescue rescued",
    "find": "find found discover discovered locate located recover recovered",
    "miss": "missing vanish vanished disappear disappeared",
    "marry": "marry married wed wedding marriage engaged",
    "divorce": "divorce divorced split separated",
    "support": "support supported back backed aid assist assisted",
    "oppose": "oppose opposed opposition condemn condemned",
    "supply": "supply supplied arm armed deliver delivered",
    "burn": "burn burned burnt fire-damage blaze arson torch torched",
    "explode": "explode exploded explosion blast blasts detonate detonated",
    "steal": "steal stole stolen theft rob robbed robbery burglary loot looted",
    "protest": "protest protested protester protesters demonstrate demonstration rally riot",
    "test": "test tested testing launch launched",
    "hack": "hack hacked hacking cyberattack breach breached leak leaked",
}

OPPOSITES: Final = frozenset(
    frozenset(pair)
    for pair in (
        ("deploy", "withdraw"), ("capture", "lose"), ("arrest", "release"), ("convict", "release"),
        ("resign", "appoint"), ("agree", "reject"), ("sign", "reject"), ("rise", "fall"), ("open", "close"),
        ("win", "lose"), ("kill", "survive"), ("find", "miss"), ("marry", "divorce"),
        ("support", "oppose"),
    )
)  # fmt: skip
"""Classes of which one of the same thing, at the same moment, excludes the other."""

_OTHER_WORDS: Final = frozenset({"mission", "missions", "stations", "action", "target", "targets", "firefighter"})
"""Words that share a stem with an action and are none."""

_CLASS_OF: Final[dict[str, str]] = {stem(word): name for name, words in _WORDS.items() for word in words.split()}


def action_class(word: str) -> str | None:
    """Return the class of a word in any of its forms, or None."""
    return None if word.lower() in _OTHER_WORDS else _CLASS_OF.get(stem(word))


def actions_of(text: str) -> tuple[str, ...]:
    """Return the action classes named in an English text, each once, in the order they come."""
    found = (action_class(word) for word, _, _ in tokens(text))
    return tuple(dict.fromkeys(name for name in found if name is not None))


def opposed(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, str] | None:
    """Return a class of ``a`` and one of ``b`` that exclude each other, where neither text has both; else None."""
    for one in a:
        for other in b:
            if frozenset((one, other)) in OPPOSITES and one not in b and other not in a:
                return one, other
    return None
