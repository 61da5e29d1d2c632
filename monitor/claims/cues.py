"""Cues: the words by which a text attributes a statement, what kind each is, and how its verbs inflect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Cue", "CueKind", "Form", "VerbForm", "index_forms", "inflect"]


class CueKind(StrEnum):
    """What a cue says of the source's stance to the content."""

    SAY = "say"
    """Puts it forward: said, announced, insisted, warned."""
    DENY = "deny"
    """Rejects it: denied, refuted, dismissed."""
    ACCUSE = "accuse"
    """Puts it forward against somebody: accused X of, blamed X for."""
    SHOW = "show"
    """A document, a poll or a picture puts it forward: showed, found, suggested."""
    PLAN = "plan"
    """Announces an intent: vowed, promised, threatened, plans."""
    ASK = "ask"
    """Asks or demands: asked, wondered, urged, called for."""
    THINK = "think"
    """Holds it: believes, fears, expects."""
    JUDGE = "judge"
    """Values something: criticised, praised, described ... as."""
    SIGHT = "sight"
    """Knows or perceives it: saw, learned, knew, recalled."""


class Form(StrEnum):
    """Forms of a verb."""

    BASE = "base"
    THIRD = "third"
    PAST = "past"
    ING = "ing"
    PARTICIPLE = "participle"


@dataclass(frozen=True, slots=True)
class Cue:
    """A verb or phrase that attributes.

    ``takes``: what may follow it as content, letters of "c" clause (with or without "that"), "q" quotation, "n" noun
    phrase, "i" infinitive, "w" question word, "o" a person addressed before the content, "s" object + "as"/adjective;
    ``particle``: a word that must follow ("out", "for", "to").
    """

    lemma: str
    kind: CueKind
    takes: str = "cqn"
    particle: str = ""


@dataclass(frozen=True, slots=True)
class VerbForm:
    """One written form, what it may be, and the cues that it may be of (those with a particle first)."""

    forms: frozenset[Form]
    cues: tuple[Cue, ...]


_IRREGULAR: dict[str, tuple[str, str]] = {
    # lemma: past, participle
    "say": ("said", "said"), "tell": ("told", "told"), "write": ("wrote", "written"), "think": ("thought", "thought"),
    "know": ("knew", "known"), "see": ("saw", "seen"), "find": ("found", "found"), "feel": ("felt", "felt"),
    "hear": ("heard", "heard"), "hold": ("held", "held"), "read": ("read", "read"), "speak": ("spoke", "spoken"),
    "swear": ("swore", "sworn"), "make": ("made", "made"), "give": ("gave", "given"), "show": ("showed", "shown"),
    "foresee": ("foresaw", "foreseen"), "forget": ("forgot", "forgotten"), "go": ("went", "gone"),
    "put": ("put", "put"), "take": ("took", "taken"), "cast": ("cast", "cast"), "lay": ("laid", "laid"),
    "rule": ("ruled", "ruled"), "seek": ("sought", "sought"), "understand": ("understood", "understood"),
    "mean": ("meant", "meant"), "bring": ("brought", "brought"), "retell": ("retold", "retold"), "let": ("let", "let"),
    "overhear": ("overheard", "overheard"), "rewrite": ("rewrote", "rewritten"), "hit": ("hit", "hit"),
    "learn": ("learned", "learned"), "sing": ("sang", "sung"), "get": ("got", "got"), "come": ("came", "come"),
    "become": ("became", "become"), "choose": ("chose", "chosen"), "stand": ("stood", "stood"), "lead": ("led", "led"),
    "draw": ("drew", "drawn"), "teach": ("taught", "taught"), "shoot": ("shot", "shot"), "throw": ("threw", "thrown"),
    "fight": ("fought", "fought"), "lie": ("lied", "lied"), "spell": ("spelled", "spelled"), "set": ("set", "set"),
    "be": ("was", "been"), "have": ("had", "had"), "bet": ("bet", "bet"), "quote": ("quoted", "quoted"),
}  # fmt: skip

_DOUBLING = frozenset({"admit", "refer", "infer", "plan", "slam", "stop", "drop", "concur", "submit", "permit", "quip",
                       "blog", "prefer", "recap", "rap", "rip", "slap", "pan", "dub", "nod", "tag", "rebut",
                       "regret", "vet", "bar"})  # fmt: skip


def inflect(lemma: str) -> dict[str, set[Form]]:
    """Return the written forms of a verb, each with what it may be: {"said": {PAST, PARTICIPLE}, ...}."""
    past, participle = _IRREGULAR.get(lemma, (_with_ed(lemma), _with_ed(lemma)))
    table: dict[str, set[Form]] = {}
    for word, form in (
        (lemma, Form.BASE), (_with_s(lemma), Form.THIRD), (past, Form.PAST),
        (participle, Form.PARTICIPLE), (_with_ing(lemma), Form.ING),
    ):  # fmt: skip
        table.setdefault(word, set()).add(form)
    return table


def index_forms(cues: Iterable[Cue]) -> dict[str, VerbForm]:
    """Return the written forms of all ``cues``, each with its cues; those that ask for a particle come first."""
    forms: dict[str, set[Form]] = {}
    found: dict[str, list[Cue]] = {}
    for cue in cues:
        for word, kinds in inflect(cue.lemma).items():
            forms.setdefault(word, set()).update(kinds)
            found.setdefault(word, []).append(cue)
    return {
        word: VerbForm(frozenset(forms[word]), tuple(sorted(cues_, key=lambda cue: not cue.particle)))
        for word, cues_ in found.items()
    }


def _with_s(lemma: str) -> str:
    if lemma.endswith(("s", "x", "z", "ch", "sh", "o")):
        return lemma + "es"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return lemma[:-1] + "ies"
    return lemma + "s"


def _with_ed(lemma: str) -> str:
    if lemma.endswith("e"):
        return lemma + "d"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return lemma[:-1] + "ied"
    return (lemma + lemma[-1] if lemma in _DOUBLING else lemma) + "ed"


def _with_ing(lemma: str) -> str:
    if lemma.endswith("ie"):
        return lemma[:-2] + "ying"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")) and lemma != "be":
        return lemma[:-1] + "ing"
    doubled = lemma in _DOUBLING or lemma in ("put", "let", "hit", "get", "set", "forget", "bet")
    return (lemma + lemma[-1] if doubled else lemma) + "ing"
