"""The judge: whether two statements contradict each other, agree, or have nothing to do with each other.

``Judge`` is the seam. ``RuleJudge`` decides by signs, slots and figures, and a fitted combiner; ``ModelJudge`` adds
what a language model reads (``nli.py``). ``judge_of`` gives the one that the settings name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

from monitor.claims import combiner
from monitor.claims.features import Comparison, compare, model_vector
from monitor.claims.nli import Entailment, TextPair, TextScorer, open_model
from monitor.claims.propositions import voice_of
from monitor.claims.statement import Statement, of_claim, of_text
from monitor.settings import JudgeSettings
from monitor.text.language import UNKNOWN, detect
from schemas import AlertKind, Claim, Figure, Modality, Scope, Slot, SlotMatch

__all__ = ["Judge", "ModelJudge", "Relation", "RuleJudge", "Verdict", "judge_of"]


class Relation(StrEnum):
    """How two statements stand to each other."""

    CONTRADICTS = "contradicts"
    AGREES = "agrees"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of two statements.

    ``score``: calibrated probability that they contradict; ``agreement``: that they say the same.
    ``likeness``: how far they are about the same thing, 0 to 1. ``kind``: null unless
    they contradict. ``grounds``: what the conflict rests on (signs, antonym, figure; a model's own); without any, no
    alert is raised. ``supersedes``: the later gives a newer total of what the earlier counted. ``reasons``: in plain
    words, for ``explain``.
    """

    relation: Relation
    score: float
    kind: AlertKind | None = None
    scope: Scope = Scope.FULL
    slots: tuple[Slot, ...] = ()
    reasons: tuple[str, ...] = ()
    agreement: float = 0.0
    likeness: float = 1.0
    supersedes: bool = False
    grounds: tuple[str, ...] = ()


class Judge(Protocol):
    """Judges two statements, deterministically and without I/O; the order of the two does not change the score.

    ``name``: name and version, as it stands in the alert's ``model``. It may be called from several threads.
    """

    name: str

    def judge(self, a: Claim, b: Claim) -> Verdict:
        """Judge two claims; ``a`` and ``b`` of the slots are those of the arguments."""
        ...

    def judge_texts(self, a: str, b: str, date_a: date | None = None, date_b: date | None = None) -> Verdict:
        """Judge two plain texts, with the days they were published where known."""
        ...


Chances = tuple[float, float, float]
"""Probabilities of the relations, in the order of ``Relation``."""

THRESHOLD: Final = 0.5
"""Probability from which two plain texts are said to contradict; the ledger has its own (``judge.threshold``)."""

KEPT_STATEMENTS: Final = 20_000
"""Statements of claims that are kept ready, about 4 KiB each."""

_COVERED: Final = 0.6
_PARTLY: Final = 0.4
_TOUCHED: Final = 0.15
"""Shares of what is rejected that the other must put forward: alone; with the action; with actor and place the same."""

_ALIKE: Final = 0.34
"""Share of the shorter statement's words in common from which figures or opposites are of the same thing."""

_OPEN: Final = (Modality.PLAN, Modality.QUESTION, Modality.CONDITION)
_RISING: Final = frozenset({"killed", "wounded", "arrested", "displaced", "missing"})
"""What is counted as a total that rises while it is being counted."""


_DAY_SECONDS: Final = 86_400
_SURE: Final = 0.8
"""Probability of a contradiction by the model, and by the combiner, from which the model alone is a ground."""
_AGREES: Final = 0.5
"""Probability of agreement by the model from which it overrules figures that the rules hold against each other."""
_READABLE: Final = 0.3
"""Likeness from which two claims without other grounds are read: below it neither alert nor merger can follow."""


def judge_of(settings: JudgeSettings | None = None) -> Judge:
    """Return the judge that the settings name: with the model of ``judge.model``, or by rules alone.

    Raises:
        ConfigError: ``judge.model`` names a folder that is no model.
    """
    model = open_model(settings.model if settings else None)
    return ModelJudge(model) if model else RuleJudge()


class RuleJudge:
    """Judges by rules: features of the pair (``features.py``), combined by weights fitted on labelled pairs."""

    def __init__(self, weights: combiner.Combiner | None = None) -> None:
        self._weights = weights or combiner.load()
        self._statements: dict[tuple[str, ...], Statement] = {}
        self.name = f"rules-{self._weights.version}"

    def judge(self, a: Claim, b: Claim) -> Verdict:
        """Judge two claims."""
        one, other = self._read(a), self._read(b)
        return self._verdict(one, other, compare(one, other), _seconds_apart(a, b))

    def _read(self, claim: Claim) -> Statement:
        """Return the claim's statement; the last ones read are kept, as each claim meets many others."""
        key = (claim.claim_id, claim.article_id, claim.content, claim.quote, claim.polarity.value)
        found = self._statements.get(key)
        if found is None:
            if len(self._statements) >= KEPT_STATEMENTS:
                self._statements.clear()
            found = self._statements[key] = of_claim(claim)
        return found

    def judge_texts(self, a: str, b: str, date_a: date | None = None, date_b: date | None = None) -> Verdict:
        """Judge two plain texts."""
        one, other = of_text(a, date_a), of_text(b, date_b)
        return self._verdict(one, other, compare(one, other), _days_apart(date_a, date_b))

    def _verdict(
        self, a: Statement, b: Statement, pair: Comparison, apart: float | None, model: Entailment | None = None
    ) -> Verdict:
        chances, grounds = self._weighed(pair, model)
        score, agreement, _ = chances
        slots = _slots(a, b, pair)
        reasons = _reasons(pair, model)
        if pair.clash and _supersedes(pair.clash, apart):
            return Verdict(
                Relation.UNRELATED, min(score, 1 - THRESHOLD - 0.01), slots=slots, agreement=agreement, supersedes=True,
                reasons=(*reasons, "the later total is higher: it supersedes the earlier"),
            )  # fmt: skip
        relation = max(zip(chances, Relation, strict=True), key=lambda pair: pair[0])[1]
        return Verdict(
            relation,
            round(score, 4),
            _kind(a, b, pair) if relation is Relation.CONTRADICTS else None,
            _scope(a, b, pair),
            slots,
            reasons,
            round(agreement, 4),
            likeness=round(pair.values["core_overlap"], 4),
            grounds=grounds,
        )

    def _weighed(self, pair: Comparison, model: Entailment | None) -> tuple[Chances, tuple[str, ...]]:
        """Return the probabilities of the relations, and the grounds of a conflict."""
        return self._weights.probabilities(pair.vector), _grounds(pair)


class ModelJudge(RuleJudge):
    """Judges by the same features and what a language model says of the two texts.

    Of claims only those pairs are read that could come to something: reading one takes a hundred times as long as the
    rules. Pairs in a language that the model does not read are judged by the rules alone.
    """

    def __init__(self, model: TextScorer, weights: combiner.Combiner | None = None) -> None:
        super().__init__()
        self._model = model
        self._joint = weights or combiner.load(with_model=True)
        self.name = f"{model.name}+{self.name}"

    def judge(self, a: Claim, b: Claim) -> Verdict:
        """Judge two claims."""
        one, other = self._read(a), self._read(b)
        pair, apart = compare(one, other), _seconds_apart(a, b)
        model = None
        likely = pair.values["core_overlap"] >= _READABLE or _grounds(pair)
        # What a party denies is seldom what it said itself a day before: there words must tell, not meaning.
        if likely and self._reads(a.language, b.language) and not _one_voice(a, b):
            model = self._score((a.quote, b.quote, None if apart is None else round(apart / _DAY_SECONDS)))
        return self._verdict(one, other, pair, apart, model)

    def judge_texts(self, a: str, b: str, date_a: date | None = None, date_b: date | None = None) -> Verdict:
        """Judge two plain texts."""
        one, other = of_text(a, date_a), of_text(b, date_b)
        days = (date_b - date_a).days if date_a and date_b else None
        model = self._score((a, b, days)) if self._reads(detect(f"{a} {b}").code) else None
        return self._verdict(one, other, compare(one, other), _days_apart(date_a, date_b), model)

    def _reads(self, *languages: str) -> bool:
        return not self._model.languages or self._model.languages.issuperset(set(languages) - {UNKNOWN})

    def _score(self, pair: TextPair) -> Entailment:
        return self._model.score((pair,))[0]

    def _weighed(self, pair: Comparison, model: Entailment | None) -> tuple[Chances, tuple[str, ...]]:
        rules, grounds = super()._weighed(pair, model)
        if model is None:
            return rules, grounds
        joint = self._joint.probabilities(model_vector(pair, model, rules))
        if _differs(pair) and model.agreement < _AGREES and rules[0] > joint[0]:
            # Models cannot count: where figures of one thing exclude each other, the rules stand against a doubt.
            joint = rules
        if _is_sure(pair, model, joint[0]):
            return joint, (*grounds, "model")
        # What the rules see but do not believe is no ground, unless the model is sure.
        return joint, grounds if rules[0] >= THRESHOLD else ()


def _seconds_apart(a: Claim, b: Claim) -> float | None:
    """Return the seconds from ``a`` to ``b`` by their publication, None where a date is missing or uncertain."""
    if a.published_at is None or b.published_at is None or a.date_uncertain or b.date_uncertain:
        return None
    return (b.published_at - a.published_at).total_seconds()


def _one_voice(a: Claim, b: Claim) -> bool:
    return bool(voice_of(a)) and voice_of(a) == voice_of(b)


def _days_apart(a: date | None, b: date | None) -> float | None:
    """Return the seconds from one day to another, None where one is not known."""
    return (b - a).total_seconds() if a and b else None


def _supersedes(clash: tuple[Figure, Figure], apart: float | None) -> bool:
    """Tell whether the later of two totals is higher. A total that falls, or one of the same moment, is a conflict."""
    if not apart or (clash[0].counts or "").partition("-")[0] not in _RISING:
        return False
    earlier, later = clash if apart > 0 else clash[::-1]
    return earlier.high is not None and later.low is not None and later.low > earlier.high


def _kind(a: Statement, b: Statement, pair: Comparison) -> AlertKind:
    if pair.clash and not pair.turned:
        return AlertKind.FIGURE
    return AlertKind.DENIAL if a.denied != b.denied else AlertKind.CONTRADICTION


def _scope(a: Statement, b: Statement, pair: Comparison) -> Scope:
    """Partial where one speaks of a plan and the other of a fact, or where a slot differs."""
    if (a.modality in _OPEN) != (b.modality in _OPEN):
        return Scope.PARTIAL
    differs = SlotMatch.DIFFERS in (pair.actor, pair.action, pair.place, pair.time)
    return Scope.PARTIAL if differs else Scope.FULL


def _slots(a: Statement, b: Statement, pair: Comparison) -> tuple[Slot, ...]:
    def words(values: tuple[str, ...]) -> str | None:
        return ", ".join(values) or None

    found = (
        Slot(slot="actor", a=words(a.slots.actors), b=words(b.slots.actors), match=pair.actor),
        Slot(slot="action", a=words(a.slots.actions), b=words(b.slots.actions), match=pair.action),
        Slot(slot="place", a=words(a.slots.places), b=words(b.slots.places), match=pair.place),
        Slot(slot="time", a=a.slots.event_time, b=b.slots.event_time, match=pair.time),
        Slot(slot="figure", a=_figure_words(a, pair, 0), b=_figure_words(b, pair, 1), match=pair.figure),
    )
    return tuple(slot for slot in found if slot.a is not None or slot.b is not None)


def _grounds(pair: Comparison) -> tuple[str, ...]:
    found = (("signs", _rejects(pair)), ("antonym", _excludes(pair)), ("figure", _differs(pair)))
    return tuple(name for name, holds in found if holds)


def _rejects(pair: Comparison) -> bool:
    """Tell whether one puts forward enough of what the other rejects, or some of it by the same actor at one place."""
    if pair.actor is SlotMatch.DIFFERS:
        return False
    if pair.coverage >= _COVERED or (pair.coverage >= _PARTLY and pair.values["turned_action"]):
        return True
    # A denied plan against the deed shares few words with it: actor and place must then be the same.
    plan_against_deed = pair.values["modality_differs"] > 0 and pair.actor is pair.place is SlotMatch.SAME
    return plan_against_deed and pair.coverage >= _TOUCHED


def _excludes(pair: Comparison) -> bool:
    return pair.antonym is not None and pair.values["core_containment"] >= _ALIKE


def _differs(pair: Comparison) -> bool:
    """Tell whether two figures are of one thing done at one place, as far as is known."""
    if pair.clash is None or SlotMatch.DIFFERS in (pair.actor, pair.action, pair.place, pair.time):
        return False
    return pair.values["core_containment"] >= _ALIKE


def _is_sure(pair: Comparison, model: Entailment, score: float) -> bool:
    """Tell whether the model alone is a ground: it is sure, so is the whole, and no slot says that it is two things."""
    if SlotMatch.DIFFERS in (pair.actor, pair.place, pair.time) or pair.values["core_overlap"] < _READABLE:
        return False
    return min(model.contradiction, score) >= _SURE


def _figure_words(statement: Statement, pair: Comparison, side: int) -> str | None:
    figures = (pair.clash[side],) if pair.clash else statement.slots.figures
    return ", ".join(figure.text for figure in figures) or None


def _reasons(pair: Comparison, model: Entailment | None) -> tuple[str, ...]:
    found = []
    if pair.shared:
        found.append(f"both speak of {', '.join(key.lstrip('@') for key in pair.shared)}")
    else:
        found.append("no content word in common")
    if pair.turned:
        found.append(f"one puts forward what the other rejects: {', '.join(key.lstrip('@') for key in pair.turned)}")
    if pair.antonym:
        found.append(f"{pair.antonym[0]} excludes {pair.antonym[1]}")
    if pair.clash:
        found.append(f"figures of the same exclude each other: {pair.clash[0].text} and {pair.clash[1].text}")
    if model:
        found.append(f"the model reads a contradiction with {model.contradiction:.2f}, agreement {model.agreement:.2f}")
    return tuple(found)
