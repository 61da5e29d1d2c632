import json
from collections.abc import Callable

from monitor.run import tally as module
from monitor.run.tally import Tally
from schemas import Alert, topics

Make = Callable[..., Alert]
TAGGED, CLAIMS, ALERTS = topics.TAGGED.name, topics.CLAIMS.name, topics.ALERTS.name


def tagged(article: str, story: str, *slugs: str, copy_of: str | None = None) -> bytes:
    """Return a tagged article as far as it is counted."""
    topics_ = [{"slug": slug, "score": 1} for slug in slugs]
    return json.dumps({"article_id": article, "story_id": story, "copy_of": copy_of, "topics": topics_}).encode()


def test_each_thing_counts_once_however_often_it_comes(make_alert: Make) -> None:
    """Articles, stories, copies, topics, claims and alerts are counted by id: one that comes again adds none."""
    tally = Tally()
    for _ in range(3):
        tally.take(TAGGED, tagged("a1", "s1", "ports", "strikes"))
        tally.take(TAGGED, tagged("a2", "s1", "ports", copy_of="a1"))
        tally.take(TAGGED, tagged("a3", "s2"))
        tally.take(CLAIMS, b'{"claim_id": "c1", "topic": "ports"}')
        tally.take(CLAIMS, b'{"claim_id": "c1", "topic": "strikes"}')
        tally.take(ALERTS, make_alert().to_bytes())
    counts = tally.counts(articles=5, dead_letters=1, lag={"poll": 0, "enrich": None})
    assert (counts.stories, counts.copies, counts.claims, counts.alerts) == (2, 1, 1, 1)
    assert dict(counts.topics) == {"ports": 2, "strikes": 1}
    assert dict(counts.severities) == {"high": 1}
    assert counts.to_json()["lag"] == {"poll": 0, "enrich": None}


def test_an_alert_is_told_when_new_and_when_it_changed(make_alert: Make) -> None:
    """The first revision is new, a later one an update, one that is not later is nothing."""
    tally = Tally()
    first = tally.take(ALERTS, make_alert().to_bytes(), old=True)
    second = tally.take(ALERTS, make_alert(revision=2, severity="low").to_bytes())
    assert first is not None
    assert second is not None
    assert (first.update, first.old, second.update, second.old) == (False, True, True, False)
    assert tally.take(ALERTS, make_alert().to_bytes()) is None
    assert dict(tally.counts(0, 0, {}).severities) == {"low": 1}


def test_what_does_not_decode_is_passed_over() -> None:
    """Poison in a topic, tombstones and other shapes do not end the view."""
    tally = Tally()
    for topic in (TAGGED, CLAIMS, ALERTS):
        for raw in (None, b"", b"\xff", b"[]", b"{}", b"null", b'{"story_id": 1}', b'{"topics": 3, "story_id": "s"}'):
            assert tally.take(topic, raw) is None
    assert tally.counts(0, 0, {}).claims == 0


def test_memory_is_bounded() -> None:
    """The oldest ids are forgotten, so that a view that runs for months does not grow."""
    seen = module._Seen()
    for number in range(module.REMEMBERED + 10):
        seen.add(str(number))
    assert len(seen._ids) == module.REMEMBERED
    assert not seen.add(str(module.REMEMBERED))
    assert seen.add("0")
