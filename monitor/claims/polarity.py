"""What a statement puts forward and what it rejects: each word's sign, and the modality of the whole. English rules.

An operator (a denial, a negation, "no evidence that") turns the sign of the words in its scope; two cancel out. Reading
signs by word, not by sentence, keeps "The ship sank but nobody died" from being a denial of the sinking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from monitor.claims.actions import action_class
from monitor.claims.words import tokens
from schemas import Modality

__all__ = ["Operator", "modality_of", "operators_of", "sign_at"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: where it stands, and the span ``[scope_start, scope_end)`` whose words it turns.

    ``denies``: it rejects what somebody said ("denied", "hoax"), where a plain negation ("did not") does not.
    ``whole``: it calls its whole sentence untrue. A debunk says so more than once ("death hoax: rumour is false"), so
    in its scope nothing turns back.
    """

    start: int
    end: int
    scope_start: int
    scope_end: int
    denies: bool
    whole: bool = False


CACHED_TEXTS: Final = 8192
"""Texts whose operators are kept: a claim is compared with many others."""

_SAID: Final = (
    r"(?:claims?|reports?|allegations?|accusations?|suggestions?|rumou?rs?|speculation|"
    r"assertions?|charges?|stor(?:y|ies))"
)
_NOT_A_DENIAL: Final = (
    r"(?!\s+(?:\w+\s+)?(?:bail|entry|access|visas?|asylum|parole|permission|requests?|appeals?|treatment|service|"
    r"opportunit(?:y|ies)|promotion|motions?|petitions?|applications?|clemency)\b)(?!\s+(?:them|him|her|us|me|you)\b)"
    r"(?!\s+(?:[\w()’'-]+\s+){1,4}?(?:(?:the|any|an?|its|their|safe|free)\s+)?(?:ability|chance|use|right|access|haven|"
    r"refuge|sanctuary|space|means|victory|foothold|entry|passage)\b)"
)
"""What is denied to somebody ("bail", "the militants the ability to regroup") is withheld, not called untrue."""
_DENIAL: Final = re.compile(
    rf"\b(?:(?<!\bwill )den(?:y|ies|ied|ying){_NOT_A_DENIAL}|denials?\s+(?:of|that)|"
    rf"(?:reject|dismiss|brush|shrug|slam|discount|wave|knock|shoot|shot)\w*\s+(?:\w+\s+){{0,3}}?{_SAID}(?:\s+(?:that|of))?|"
    r"refut(?:e|es|ed|ing)|rebut\w*|disput(?:es?|ed|ing)(?!\s+(?:over|between|with))|debunk\w*|disprov\w+|"
    r"rul(?:e|es|ed|ing)\s+out|"
    r"no\s+(?:\w+\s+)?(?:evidence|proof|truth|basis|record|trace|plans?|intention)\b"
    r"(?:\s+(?:that|of|to|in|for|whatsoever))*|"
    r"(?:not|n['’]t)\s+(?:true|the\s+case(?=\s+that\b|\W*$|\s*[.,;”\"])|correct|accurate)(?:\s+that)?)",
    re.I,
)
_FALSE: Final = re.compile(
    r"(?<!not a )(?<!not an )(?<!no )(?<!n't a )(?<!n’t a )\b(?:"
    r"(?:is|was|are|were|be|as|been|proves?|proved|proven|totally|completely|entirely|utterly|absolutely|likely|probably)"
    r"\s+(?:an?\s+)?(?:untrue|fake|baseless|unfounded|groundless|bogus|nonsense|fiction|myth|lies?|wrong|incorrect|"
    r"inaccurate|fabrication|satire)|"
    r"false(?!\s+(?:alarms?|starts?|positives?|teeth|flags?))|hoax(?:es|er)?|faked|fabricated|made\s+up|made\s+it\s+(?:all\s+)?up|"
    rf"fake\s+(?:news|{_SAID})|{_SAID}\s+debunked|urban\s+legend|put\s+to\s+rest|cast(?:s|ing)?\s+doubt\s+on|"
    r"no\s+foundation|did(?:\s+not|n['’]t)\s+happen|never\s+happened)\b",
    re.I,
)
_NEGATION: Final = re.compile(
    r"\b(?:not(?!\s+(?:only|just|least|(?:for\s+)?the\s+(?:first|only|last)))|\w+n['’]t|cannot|never|no(?!\s+(?:fewer|less|more|later|sooner|matter|doubt|\d|one\s+else\b)"
    r"|\.)|neither|nor|none|nobody|nothing|without|fail(?:s|ed|ing)?\s+to|refus(?:e|es|ed|ing)\s+to|unable\s+to|"
    r"far\s+from|declin(?:e|es|ed|ing)\s+to|stop(?:s|ped)?\s+short\s+of|yet\s+to|impossible|unlikely)\b",
    re.I,
)
_ADJUNCTS: Final = frozenset({"in", "at", "on", "during", "after", "near", "over", "by", "from", "as"})

_SENTENCE_END: Final = re.compile(r"[.!?](?:[\"”’']|\s|$)|;|\n")
_DENIAL_END: Final = re.compile(
    r"[.!?](?:[\"”’']|\s|$)|;|\n|,?\s+\b(?:but|although|though|whereas|however|and\s+(?:said|added))\b", re.I
)
_CLAUSE_END: Final = re.compile(
    r"[.!?](?:[\"”’']|\s|$)|[;,:—\n]|\s-\s|\band\s+that\b|\b(?:but|although|though|because|while|who|which|until|unless|when|after|before|since)\b",
    re.I,
)

_WHO: Final = re.compile(r"\b(?:who|whom)\s+(?:were|was|are|is|have|had|has|did|do|does|could|can)?\s*$", re.I)
"""Before a negation: "those who were not freed" says of whom, and rejects nothing."""

_PLAN: Final = re.compile(
    r"\b(?:plans?|planned|planning|intends?|intended|intention|will|would|going\s+to|about\s+to|set\s+to|due\s+to\s+\w+|"
    r"is\s+to|are\s+to|agenda|consider(?:s|ing)?|expected\s+to|scheduled|prepar(?:es?|ing)\s+to|proposes?|proposed|vows?|"
    r"threatens?|aims?\s+to|poised|to\s+be\s+\w+ed)\b",
    re.I,
)
_ALLEGATION: Final = re.compile(
    r"\b(?:alleged(?:ly)?|reported(?:ly)?|apparent(?:ly)?|appear(?:s|ed)?\s+to|seem(?:s|ed)?|suspected|rumou?red|purported(?:ly)?|"
    r"unconfirmed|may\s+have|might|could\s+have|believed\s+to|thought\s+to|said\s+to|possibl[ey]|probabl[ey]|perhaps)\b",
    re.I,
)
_CONDITION: Final = re.compile(
    r"^\s*(?:if|should|unless|were)\b|\bif\s+(?:it|this|these|that|they|confirmed|true|the)\b", re.I
)


@lru_cache(maxsize=CACHED_TEXTS)
def operators_of(text: str) -> tuple[Operator, ...]:
    """Return the operators of an English text, in order; none lies inside another."""
    found = [
        Operator(*match.span(), match.end(), _next(_DENIAL_END, text, match.end()), denies=True)
        for match in _DENIAL.finditer(text)
    ]
    for match in _FALSE.finditer(text):
        # "She denied that it was a hoax": what is denied is the calling it untrue.
        if not any(one.start < match.end() and match.start() < one.scope_end for one in found if one.denies):
            start, end = _sentence(text, match.start(), match.end())
            found.append(Operator(*match.span(), start, end, denies=True, whole=True))
    for match in _NEGATION.finditer(text):
        if not _inside(match, found) and not _WHO.search(text, 0, match.start()):
            found.append(Operator(*match.span(), match.end(), _focus_end(text, match.end()), denies=False))
    return tuple(sorted(found, key=lambda operator: operator.start))


def sign_at(position: int, operators: tuple[Operator, ...]) -> int:
    """Return -1 for a word in the scope of an odd number of operators, or of a whole one; else +1."""
    over = [operator for operator in operators if operator.scope_start <= position < operator.scope_end]
    return -1 if len(over) % 2 or any(operator.whole for operator in over) else 1


def modality_of(text: str) -> Modality:
    """Return how an English statement is put: question, condition, plan, allegation, else fact."""
    if text.rstrip(" \"”’'").endswith("?"):
        return Modality.QUESTION
    if _CONDITION.search(text):
        return Modality.CONDITION
    if _PLAN.search(text):
        return Modality.PLAN
    return Modality.ALLEGATION if _ALLEGATION.search(text) else Modality.FACT


def _inside(match: re.Match[str], found: list[Operator]) -> bool:
    return any(operator.start < match.end() and match.start() < operator.end for operator in found)


def _next(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.search(text, at)
    return found.start() if found else len(text)


def _focus_end(text: str, at: int) -> int:
    """Return where a negation's focus ends: its clause, but not what follows the first action by a preposition.

    "No civilians were killed in the strike" does not say that there was no strike.
    """
    end = _next(_CLAUSE_END, text, at)
    acted = False
    for word, start, _ in tokens(text[at:end]):
        if acted and word.lower() in _ADJUNCTS:
            return at + start
        acted = acted or action_class(word) is not None
    return end


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    return (ends[-1] if ends else 0), _next(_SENTENCE_END, text, end)
