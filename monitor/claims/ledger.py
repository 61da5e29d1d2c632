"""The ledger: the propositions of recent days and the alerts between them. One claim in, the alerts it changes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from monitor.claims.alerts import alert_id_of, build, revised
from monitor.claims.gates import GateResult, Outcome, admits, gate_pair
from monitor.claims.judge import Judge, Relation, Verdict
from monitor.claims.propositions import Proposition, PropositionState, found
from monitor.claims.resolution import corrects, holds_up, is_notice, judge_pair, means_same, same_side, taken_back
from monitor.claims.shelf import Dispute, Record, Shelf
from monitor.settings import JudgeSettings
from monitor.window import MessageClock
from schemas import Alert, AlertKind, Claim, Polarity

__all__ = ["Ledger"]

MAX_CANDIDATES: Final = 16
"""Propositions that one claim is judged against at most: those that share most, the newest first."""

Judged = tuple[Proposition, Verdict]


class Ledger:
    """Adds claims to propositions and raises alerts between them.

    Keeps both in ``store``, as docs/architecture.md says under "State".
    ``counts`` says how often each gate passed, rejected or abstained, by (gate, outcome); ``unjudged`` how many
    candidates were left out. All is decided by the messages and their times: the same claims in the same order give
    the same alerts, and a claim that comes again gets the stored ones. It forgets propositions that nothing was added
    to for ``window_days``, and the oldest of a topic above ``max_propositions``.
    """

    def __init__(self, store: MutableMapping[str, bytes], judge: Judge, options: JudgeSettings) -> None:
        self._shelf = Shelf(store)
        self._judge = judge
        self._options = options
        self._window = timedelta(days=options.window_days)
        self._clock = MessageClock()
        for moment in self._shelf.moments():
            self._clock.observe(moment)
        self._opened: set[str] = set()
        self.counts: Counter[tuple[str, str]] = Counter()
        self.unjudged = 0

    @property
    def propositions(self) -> list[Proposition]:
        """The propositions that are remembered, in the order they were founded."""
        return self._shelf.all()

    def add(self, claim: Claim) -> list[Alert]:
        """Add one claim; return the alerts that it opened or changed, as they stand now, in the order of their ids.

        A claim that is known (by its id and topic) changes nothing: the alerts of its proposition come back.
        """
        return self.add_all((claim,))

    def add_all(self, claims: Iterable[Claim]) -> list[Alert]:
        """Add the claims of one article at a time: what it opens is revision 1, however many claims bear it out."""
        self._opened = set()
        touched: dict[str, Alert] = {}
        for claim in claims:
            touched.update((alert.alert_id, alert) for alert in self._add(claim))
        return [touched[alert_id] for alert_id in sorted(touched)]

    def _add(self, claim: Claim) -> list[Alert]:
        known = self._shelf.record(claim)
        if known is not None:
            self._shelf.put_record(known)
            return [dispute.alert for dispute in self._disputes_of(known.proposition_id)]
        admitted = admits(claim)
        if admitted.outcome is not Outcome.PASS:
            self._count([admitted])
            return []
        around = self._shelf.candidates(claim)
        if is_notice(claim):
            return self._take_back(claim, around)
        outer = next((one for one in around if _holds(one, claim)), None)
        if outer is not None:
            self._remember(claim, outer.proposition_id)
            return []
        judged = self._judged(claim, around)
        countered = self._countered(claim, judged)
        home = self._home(claim, judged, countered)
        for rival, verdict in countered:
            self._oppose(home, rival.proposition_id, verdict)
        changed = [home, *self._supersede(home, judged), *self._correct(home, claim, judged)]
        self._remember(claim, home)
        return [alert for key in dict.fromkeys(changed) for alert in self._renew(key)]

    # -- the claim's proposition -----------------------------------------------------------------------------------

    def _judged(self, claim: Claim, candidates: list[Proposition]) -> list[Judged]:
        """Judge the claim against the propositions that it may touch; those that a gate holds back are left out."""
        self.unjudged += max(0, len(candidates) - MAX_CANDIDATES)
        judged: list[Judged] = []
        for proposition in candidates[:MAX_CANDIDATES]:
            results = list(gate_pair(proposition.founder, claim, self._window, admitted=True))
            self._count(results)
            if results[-1].outcome is Outcome.PASS:
                judged.append((proposition, judge_pair(self._judge, proposition.founder, claim)))
        return judged

    def _countered(self, claim: Claim, judged: list[Judged]) -> list[Judged]:
        """Return what the claim contradicts, the surest first, the oldest first among equals."""
        rivals = [
            (proposition, verdict)
            for proposition, verdict in judged
            if not corrects(proposition.founder, claim, verdict)
            and holds_up(proposition.founder, claim, verdict)
            and verdict.relation is Relation.CONTRADICTS
            and verdict.grounds
            and verdict.score >= self._options.threshold
        ]
        return sorted(rivals, key=lambda pair: (-pair[1].score, pair[0].number))

    def _home(self, claim: Claim, judged: list[Judged], countered: list[Judged]) -> str:
        """Return the id of the proposition that the claim joins or founds."""
        home = (
            self._shelf.by_content(claim)
            or max(
                (pair for pair in judged if means_same(pair[0].founder, claim, pair[1])),
                key=lambda pair: (pair[1].agreement, -pair[0].number),
                default=(None, None),
            )[0]
            or self._beside(claim, countered)
        )
        home = home.joined(claim) if home else found(claim, self._shelf.next_number())
        self._shelf.put(home)
        return home.proposition_id

    def _beside(self, claim: Claim, countered: list[Judged]) -> Proposition | None:
        """Return what already counters, from the claim's side, a proposition that the claim counters."""
        rivals = (self._shelf.get(key) for proposition, _ in countered for key in proposition.rivals)
        return next((one for one in rivals if one is not None and same_side(one.founder, claim)), None)

    # -- disputes ----------------------------------------------------------------------------------------------------

    def _oppose(self, home_id: str, rival_id: str, verdict: Verdict) -> None:
        """Open the dispute, unless it is open; a rival that stands beside one already countered joins that one."""
        home, rival = self._shelf.get(home_id), self._shelf.get(rival_id)
        if home is None or rival is None or home.proposition_id == rival.proposition_id:
            return
        partner = next(
            (
                one
                for key in home.rivals
                if (one := self._shelf.get(key)) is not None
                and one.proposition_id != rival.proposition_id
                and same_side(one.founder, rival.founder)
            ),
            None,
        )
        if partner is not None and not rival.rivals:
            self._shelf.absorb(partner, rival)
            return
        key = alert_id_of(home, rival)
        if self._shelf.dispute(key) is not None or not _is_judged_here(home.founder, rival.founder):
            return
        home, rival = home.opposed_by(rival.proposition_id), rival.opposed_by(home.proposition_id)
        self._shelf.put(home)
        self._shelf.put(rival)
        alert = build(rival, home, verdict, self._judge.name, verdict.kind or AlertKind.CONTRADICTION)
        self._shelf.put_dispute(Dispute(alert=alert, first=rival.proposition_id, verdict=verdict))
        self._opened.add(key)

    def _supersede(self, home_id: str, judged: list[Judged]) -> Iterator[str]:
        """Mark the propositions whose total the claim brings up to date; yield their ids."""
        for proposition, verdict in judged:
            if verdict.supersedes and self._move(proposition.proposition_id, home_id, PropositionState.SUPERSEDED):
                yield proposition.proposition_id

    def _correct(self, home_id: str, claim: Claim, judged: list[Judged]) -> Iterator[str]:
        """Mark what an earlier revision of the article said otherwise; yield the ids."""
        for proposition, verdict in judged:
            if corrects(proposition.founder, claim, verdict) and self._move(
                proposition.proposition_id, home_id, PropositionState.CORRECTED
            ):
                self._oppose(home_id, proposition.proposition_id, replace(verdict, kind=AlertKind.CORRECTION))
                yield proposition.proposition_id

    def _take_back(self, notice: Claim, around: list[Proposition]) -> list[Alert]:
        """Mark what a paper's notice is about; a notice is no side of an alert."""
        states = ((one.proposition_id, taken_back(one.founder, notice)) for one in around)
        changed = [key for key, state in states if state is not None and self._move(key, "", state)]
        self._remember(notice, changed[0] if changed else "")
        return [alert for key in changed for alert in self._renew(key)]

    def _move(self, key: str, home_id: str, state: PropositionState) -> bool:
        proposition = self._shelf.get(key)
        if proposition is None or proposition.proposition_id == home_id:
            return False
        self._shelf.put(proposition.moved_to(state))
        return True

    def _disputes_of(self, key: str) -> list[Dispute]:
        proposition = self._shelf.get(key)
        rivals = (self._shelf.get(rival) for rival in (proposition.rivals if proposition else ()))
        keys = sorted(alert_id_of(proposition, rival) for rival in rivals if proposition and rival)
        return [dispute for alert_id in keys if (dispute := self._shelf.dispute(alert_id)) is not None]

    def _renew(self, key: str) -> Iterator[Alert]:
        """Yield the alerts of a proposition as they stand now, and keep them."""
        for dispute in self._disputes_of(key):
            stored, verdict = dispute.alert, dispute.verdict
            one, other = (self._shelf.get(side.proposition_id) for side in stored.sides)
            if one is None or other is None:
                continue
            first, second = (one, other) if one.proposition_id == dispute.first else (other, one)
            alert = build(first, second, verdict, stored.model, _kind_now(stored.kind, one, other))
            if stored.alert_id not in self._opened:
                alert = revised(stored, alert)
            self._shelf.put_dispute(dispute.model_copy(update={"alert": alert}))
            yield alert

    # -- memory ------------------------------------------------------------------------------------------------------

    def _remember(self, claim: Claim, home_id: str) -> None:
        if not self._shelf.knows_article(claim.article_id):
            self._clock.observe(claim.first_seen_at)
        self._shelf.put_record(
            Record(
                claim_id=claim.claim_id,
                topic=claim.topic,
                article_id=claim.article_id,
                at=claim.first_seen_at,
                proposition_id=home_id,
            )
        )
        now = self._clock.now
        if now is not None:
            self._shelf.forget_before(now - self._window)
        self._shelf.forget_above(claim.topic, self._options.max_propositions)

    def _count(self, results: list[GateResult]) -> None:
        self.counts.update((result.gate, result.outcome.value) for result in results)


def _kind_now(kind: AlertKind, one: Proposition, other: Proposition) -> AlertKind:
    """Return the kind of a dispute: a contradiction becomes a denial once somebody on one side denies outright."""
    denies = [any(claim.polarity is Polarity.DENIES for claim in side.claims) for side in (one, other)]
    return AlertKind.DENIAL if kind is AlertKind.CONTRADICTION and denies[0] != denies[1] else kind


def _holds(proposition: Proposition, claim: Claim) -> bool:
    """Tell whether the claim only repeats what a denial in the same sentence rejects ("denied that X had fired")."""
    inner = claim.content_span or claim.span
    return any(
        other.article_id == claim.article_id
        and other.polarity is Polarity.DENIES
        and (outer := other.content_span or other.span)[0] <= inner[0] < inner[1] <= outer[1]
        and other.claim_id != claim.claim_id
        for other in proposition.claims
    )


def _is_judged_here(one: Claim, other: Claim) -> bool:
    """Tell whether the pair's alert is raised on this topic: the first, by slug, of those that both claims carry."""
    shared = set(one.topics) & set(other.topics)
    return not other.topic or not shared or min(shared) == other.topic
