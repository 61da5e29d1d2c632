"""The closed word classes of English that the rules of attribution stand on."""

from __future__ import annotations

__all__ = [
    "ADVERBS", "AUXILIARIES", "BE", "BEFORE_MAIN", "BREAKS", "CATENATIVES", "CLOSE_MARKS", "DETERMINERS", "DO",
    "DOCUMENTS", "HAVE", "IRREGULAR_PAST", "MODALS", "NEGATED", "NOT_ADVERBS", "NOUNS_TOO", "OCCASIONS",
    "OFFICES", "OPENERS", "OPEN_MARKS", "PLURALS", "PREPOSITIONS", "PRONOUNS", "STATEMENT_NOUNS",
    "SUBJECT_PRONOUNS", "SUBORDINATORS", "THIRD_PERSON", "TIMES",
]  # fmt: skip


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MODALS = _set("will would can could may might must shall should 'll 'd")
BE = _set("is are was were be been being am isn't aren't wasn't weren't 's 're")
HAVE = _set("has have had having hasn't haven't hadn't 've")
DO = _set("do does did don't doesn't didn't")
NEGATED = _set(
    "isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't cannot couldn't "
    "shouldn't not never neither nor"
)
AUXILIARIES = MODALS | BE | HAVE | DO | NEGATED - {"not", "never", "neither", "nor"}
ADVERBS = _set(
    "neither also then later again already still just once now soon ever even not never always often further "
    "instead only first since recently long so all both himself herself themselves itself"
)
NOT_ADVERBS = _set(
    "family italy july ally rally assembly reply supply daily emily sally kelly billy elderly apply rely"
)
PRONOUNS = _set("he she they it i we you who one")
SUBJECT_PRONOUNS = _set("he she they i we it you who")
PLURALS = _set("people police who men women media voters republicans democrats critics")
DETERMINERS = _set(
    "the a an this that these those his her its their our my your some any every each no another such several "
    "many few more most other own same whose both all"
)
PREPOSITIONS = _set(
    "of in on at for with from by to about against over under between among into through during without within "
    "near across behind beyond inside outside around toward towards upon via per including like despite amid"
)
SUBORDINATORS = _set(
    "that while when because as although though if after before since whether which where so than unless until "
    "once why how what but yet whereas"
)
TIMES = _set(
    "monday tuesday wednesday thursday friday saturday sunday yesterday today tonight earlier later recently "
    "afternoon morning evening night week month year january february march april may june july august september "
    "october november december late early last this next"
)
OPENERS = _set(
    "and but or yet so however meanwhile then still also therefore moreover additionally indeed instead "
    "separately later earlier afterwards nevertheless similarly finally besides although though while when asked "
    "that as if because"
)
"""Words at the head of a sentence or clause that are no part of its subject."""

OCCASIONS = _set(
    "statement interview speech report email e-mail letter tweet video conference briefing post interviews "
    "remarks comments message tweets news appearance rally event address memo press release"
)
"""Where a statement is made: "in a statement", "at a news conference"."""

OFFICES = _set(
    "president chairman director spokesman spokeswoman head minister professor leader senior chief former "
    "executive founder author editor co-founder secretary deputy vice political associate assistant general "
    "managing state national"
)
"""Words with which an apposition begins that has no article: "Smith, director of the survey, said"."""

BREAKS = frozenset({";", ":", "—", "–", "--", "…", "..."})
OPEN_MARKS = frozenset({'"', "“", "„", "«", "'", "‘", "''", "``"})
CLOSE_MARKS = frozenset({'"', "”", "»", "'", "’", "''"})

IRREGULAR_PAST = _set(
    "went came took made gave saw won lost met left began held kept led sent spent stood fell rose ran grew drew "
    "broke spoke wrote told said thought knew found felt heard brought bought built caught chose drove fought "
    "flew forgot got had hit hung hurt laid lay meant paid put rode sat sold set shot shook showed sang slept "
    "stole struck swore taught threw understood woke wore became beat let cut quit cast read shed split spread "
    "swept sought sank slid swung tore withdrew undertook overcame"
)
THIRD_PERSON = _set(
    "wants needs makes takes gets goes comes leads runs remains stands appears hopes continues faces holds keeps "
    "gives wins loses beats seeks tries knows sees means seems looks feels belongs comprises includes represents "
    "follows marks brings turns begins ends shows helps allows requires"
)
"""Common verbs that are no cues, in the forms that are seldom nouns: where one stands, a clause has its verb."""

CATENATIVES = _set(
    "tried trying tries began beginning begun begins continued continuing continues declined declines refused "
    "refuses failed fails managed moved went goes going came used wanted wants hoped hopes sought seeks seeking "
    "quick eager ready keen reluctant careful happy expected likely unable able willing forced scheduled set due "
    "poised needed needs has have had on out first further chose chooses rushed took time began start started "
    "starting helped appeared appears seemed seems"
)
"""Words between a subject and "to say": "went on to say", "was quick to point out"."""

NOUNS_TOO = _set(
    "air alert answer attack back blame blast blog boast brand brief call challenge champion charge claim comment "
    "counter credit crow demand detail document doubt echo email estimate express fault favor favour fear find "
    "focus forecast fume guess hint hope joke label list mock note offer opt order pan plan pledge post praise "
    "press project promise question quote rail reference release remark reply report request rip salute show slam "
    "snap state support tag target test threat trash tweet view voice vow wish worry"
)
"""Verbs of saying that are as often nouns: in the plain form they need a plural before them."""

DOCUMENTS = _set("statement letter tweet post email e-mail memo message note report release interview speech video")
"""What somebody speaks through: in "issued a statement saying", the statement is not who says it."""

STATEMENT_NOUNS = {
    **dict.fromkeys(_set("claim claims assertion assertions allegation allegations suggestion statement"), "say"),
    **dict.fromkeys(_set("contention accusation accusations warning insistence announcement admission"), "say"),
    "denial": "deny", "denials": "deny", "rejection": "deny",
}  # fmt: skip
"""Nouns that carry a statement, with the kind of cue: "Moscow's denial that it had sent troops"."""

BEFORE_MAIN = _set("while although though when if after because since as even whereas once until unless before")
"""Words that open a clause before the main one, which begins behind its comma."""
