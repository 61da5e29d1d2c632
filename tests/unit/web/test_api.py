"""The REST API over a read model that the pipeline's own functions filled."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from schemas import Alert, Feedback
from tests.support import desk
from tests.support.desk_api import Api, filled_archive, open_api


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of a desk without accounts."""
    folder = tmp_path_factory.mktemp("api")
    archive, alerts = filled_archive(folder)
    yield open_api(folder, archive, alerts)
    archive.close()


def pages(api: Api, path: str, **params: Any) -> list[Any]:
    """Return the rows of all pages of a list."""
    rows, cursor = [], None
    for _ in range(1000):
        page = api.get(path, **params, **({"cursor": cursor} if cursor else {}))
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            return rows
    raise AssertionError("the list has no end")


def test_an_alert_is_the_wire_contract_as_it_is(api: Api) -> None:
    """What the API gives reads as the message that stands on the topic, field by field."""
    row = next(row for row in pages(api, "/alerts") if row["alert"]["alert_id"] == api.alert.alert_id)
    assert Alert.model_validate(row["alert"]) == api.alert
    assert row["alert"] == api.alert.to_json()
    assert Alert.model_validate(api.get(f"/alerts/{api.alert.alert_id}")["alert"]) == api.alert


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_pages_have_every_alert_once_in_order(api: Api, limit: int) -> None:
    """However large the pages are, all rows come once, the last updated first."""
    rows = pages(api, "/alerts", limit=limit)
    assert sorted(row["alert"]["alert_id"] for row in rows) == sorted(api.alerts)
    times = [row["alert"]["updated_at"] for row in rows]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("params", "fits"),
    [
        ({"severity": ["high", "medium"]}, lambda alert: alert.severity.value in ("high", "medium")),
        ({"kind": "denial"}, lambda alert: alert.kind.value == "denial"),
        ({"state": ["superseded", "corrected"]}, lambda alert: alert.state.value in ("superseded", "corrected")),
        ({"topic": "syria"}, lambda alert: "syria" in alert.topics),
        (
            {"publisher_kind": "wire"},
            lambda alert: any(claim.publisher_kind.value == "wire" for side in alert.sides for claim in side.claims),
        ),
    ],
)
def test_filters_let_through_what_fits_and_nothing_else(api: Api, params: dict[str, Any], fits: Any) -> None:
    """Each filter agrees with the alerts themselves."""
    wanted = {alert_id for alert_id, alert in api.alerts.items() if fits(alert)}
    assert {row["alert"]["alert_id"] for row in pages(api, "/alerts", **params)} == wanted


def test_a_range_of_time_bounds_the_last_update(api: Api) -> None:
    """From is inclusive, to is exclusive, and any zone will do."""
    at = api.alert.updated_at
    ids = {row["alert"]["alert_id"] for row in pages(api, "/alerts", since=at.isoformat())}
    assert ids == {key for key, alert in api.alerts.items() if alert.updated_at >= at}
    before = pages(api, "/alerts", until=at.astimezone().isoformat())
    assert api.alert.alert_id not in {row["alert"]["alert_id"] for row in before}


def test_an_alert_comes_with_history_quotes_and_acts(api: Api) -> None:
    """One alert has its revisions up to the newest, a context for its quotes, and what people did."""
    acked = pages(api, "/alerts", acked="true")
    assert len(acked) == 1
    alert_id = acked[0]["alert"]["alert_id"]
    detail = api.get(f"/alerts/{alert_id}")
    assert detail["revisions"][0]["revision"] >= 1
    context = next(iter(detail["contexts"].values()))
    assert context["text"][context["start"] : context["end"]].strip()
    assert {each["action"] for each in api.get(f"/alerts/{alert_id}/feedback")["items"]} == {"ack", "note", "reply"}
    assert {each["revision"] for each in api.get(f"/alerts/{alert_id}/history")["items"]} == {
        each["revision"] for each in detail["revisions"]
    }


def test_an_act_goes_out_with_who_and_when_and_shows(api: Api) -> None:
    """What is POSTed is sent as Feedback by the asker at the desk's time, and stands in the list afterwards."""
    alert = api.alerts[max(api.alerts)]
    sent = Feedback.model_validate(api.post(f"/alerts/{alert.alert_id}/feedback", {"action": "note", "text": "Seen."}))
    assert api.sink.acts[-1] == sent
    assert (sent.alert_id, sent.alert_revision, sent.text) == (alert.alert_id, alert.revision, "Seen.")
    assert sent.at == desk.NOW
    assert sent.actor
    assert sent.to_json() in api.get(f"/alerts/{alert.alert_id}/feedback")["items"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"action": "snooze"}, "a snooze needs until"),
        ({"action": "verdict"}, "a verdict needs verdict"),
        ({"action": "reply", "text": "No."}, "a reply needs party"),
        ({"action": "note", "text": "  "}, "a note needs text"),
        ({"action": "ack", "alert_revision": 999}, "no revision 999"),
        ({"action": "note", "text": "a\0b"}, "NUL"),
        ({"action": "dance"}, "body.action"),
        ({"action": "ack", "colour": "red"}, "body.colour"),
    ],
)
def test_an_act_that_is_not_whole_says_what_it_lacks(api: Api, body: dict[str, Any], says: str) -> None:
    """A wrong act is refused as a problem that names what is wrong, and nothing is sent."""
    before = len(api.sink.acts)
    problem = api.post(f"/alerts/{api.alert.alert_id}/feedback", body, 422)
    assert says in problem["detail"] + str(problem.get("errors"))
    assert problem["hint"]
    assert len(api.sink.acts) == before


def test_an_act_that_kafka_does_not_take_is_said(api: Api) -> None:
    """While the cluster is away, an act ends in 503 with what to do."""
    api.sink.away = True
    try:
        problem = api.post(f"/alerts/{api.alert.alert_id}/feedback", {"action": "ack"}, 503)
    finally:
        api.sink.away = False
    assert problem["hint"] == "Do it again."


def test_an_order_goes_to_the_partition_of_the_feeds_host(api: Api) -> None:
    """Pause, resume and poll now name feed, asker and time, and the host whose partition owns the feed."""
    feed = api.get("/feeds")["items"][0]["event"]
    for action in ("pause", "resume", "poll_now"):
        sent = api.post(f"/feeds/{feed['feed_id']}/commands", {"action": action})
        command, host = api.sink.commands[-1]
        assert command.to_json() == sent
        assert (command.action.value, command.feed_id, host) == (action, feed["feed_id"], "news.example")


@pytest.mark.parametrize("path", ["/alerts/x", "/stories/x", "/articles/x", "/topics/x", "/feeds/x", "/x"])
def test_what_is_not_there_is_a_problem_that_says_so(api: Api, path: str) -> None:
    """404 comes as application/problem+json with what is missing."""
    answer = api.client.get(f"/api/v1{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "Not Found"
    assert "There is no" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/alerts", {"cursor": "nonsense"}, 400),
        ("/alerts", {"limit": 0}, 422),
        ("/alerts", {"since": "yesterday"}, 422),
        ("/alerts", {"since": "2026-03-02T09:15:00"}, 422),
        ("/alerts", {"since": "0001-01-01T00:00:00+14:00"}, 422),
        ("/claims", {"polarity": "perhaps"}, 422),
        ("/search", {}, 422),
    ],
)
def test_a_wrong_question_says_what_is_wrong(api: Api, path: str, params: dict[str, Any], status: int) -> None:
    """A parameter that means nothing is refused, and the answer names it."""
    problem = api.get(path, status, **params)
    named = next(iter(params), "q")
    assert named in problem["detail"] + str(problem.get("errors"))
    assert problem["hint"]


@pytest.mark.parametrize("path", ["/alerts", "/stories", "/claims", "/search"])
def test_any_moment_may_be_asked_for(api: Api, path: str) -> None:
    """The ends of the calendar are ranges like others: they hold nothing, or all."""
    words = {"q": "minister"} if path == "/search" else {}
    every = len(pages(api, path, **words))
    assert every
    for since, until, number in (
        ("9999-12-31T23:59:59Z", None, 0),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", every),
        (None, "0001-01-01T00:00:00Z", 0),
    ):
        given = {name: value for name, value in (("since", since), ("until", until)) if value}
        assert len(pages(api, path, **words, **given)) == number


def test_one_who_has_it_already_is_told_so(api: Api) -> None:
    """The ETag of an answer, sent back, gives 304 without a body; after a change it no longer does."""
    path = f"/api/v1/alerts/{api.alert.alert_id}/feedback"
    first = api.client.get(path)
    tag = first.headers["etag"]
    for header in (tag, f'"x", W/{tag}', "*"):
        again = api.client.get(path, headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    api.post(f"/alerts/{api.alert.alert_id}/feedback", {"action": "note", "text": "Changed."})
    assert api.client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_stories_articles_and_claims_lead_to_each_other(api: Api) -> None:
    """A story lists its articles and claims, an article its text and claims, a claim the alert it is evidence of."""
    story = api.get(f"/stories/{api.alert.story_ids[0]}")
    article_ids = {each["article_id"] for lineage in story["lineages"] for each in lineage["articles"]}
    evidence = api.alert.sides[0].claims[0]
    article = api.get(f"/articles/{evidence.article_id}")
    assert evidence.article_id in article_ids | {article["article"]["article_id"]}
    start, end = evidence.span
    assert article["text"][start:end] == evidence.quote
    claims = pages(api, "/claims", article_id=evidence.article_id, disputed="true")
    assert any(api.alert.alert_id in row["alert_ids"] for row in claims)


def test_topics_count_articles_by_the_hour(api: Api) -> None:
    """Each topic has as many hours as were asked for, and can be asked for by its slug."""
    rows = api.get("/topics", hours=48)["items"]
    assert rows
    assert all(len(row["hours"]) in (48, 49) for row in rows)
    assert api.get(f"/topics/{rows[0]['slug']}")["topic"]["slug"] == rows[0]["slug"]


def test_search_marks_what_it_found(api: Api) -> None:
    """Each hit has the word where its marks say."""
    hits = pages(api, "/search", q="minister")
    assert hits
    for hit in hits:
        assert any("minister" in hit["snippet"][start:end].lower() for start, end in hit["marks"]) or not hit["marks"]
    assert api.get("/search", q="zzzzqqq")["items"] == []


def test_a_dead_letter_shows_its_bytes(api: Api) -> None:
    """A refused record stands in the list with its reason and its first bytes in Base64, whatever they are."""
    (letter,) = api.get("/dead-letters")["items"]
    assert letter["error"] == "SchemaVersionError"
    assert base64.b64decode(letter["value_head"]).startswith(b'{"schema_version": 9')


def test_counts_and_fatigue_agree_with_what_is_there(api: Api) -> None:
    """The figures count the alerts, and the messages to the one channel."""
    counts = api.get("/counts")["counts"]
    assert counts["alerts"] == len(api.alerts)
    rows = api.get("/fatigue", days=1)["items"]
    assert {row["channel"] for row in rows} == {"desk-mail"}
    assert all(0 <= row["acked"] <= 1 and 0 <= row["wrong"] <= 1 for row in rows)


def test_health_tells_archive_and_kafka_apart(api: Api) -> None:
    """With an archive and no Kafka the desk is degraded, not down."""
    health = api.get("/health")
    assert (health["status"], health["archive"], health["kafka"]) == ("degraded", True, False)


def test_the_openapi_document_is_whole(api: Api) -> None:
    """It is OpenAPI 3.1, names every path of the API, and tells errors as problems."""
    document = api.client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {
        "/api/v1/alerts", "/api/v1/alerts/{alert_id}", "/api/v1/alerts/{alert_id}/history",
        "/api/v1/alerts/{alert_id}/feedback", "/api/v1/alerts/{alert_id}.jsonld", "/api/v1/stories",
        "/api/v1/stories/{story_id}", "/api/v1/articles/{article_id}", "/api/v1/claims", "/api/v1/topics",
        "/api/v1/topics/{slug}", "/api/v1/feeds", "/api/v1/feeds/{feed_id}", "/api/v1/feeds/{feed_id}/commands",
        "/api/v1/search", "/api/v1/dead-letters", "/api/v1/counts", "/api/v1/fatigue", "/api/v1/health", "/events",
        "/feeds/alerts.atom", "/feeds/topics/{slug}.atom",
    } == set(document["paths"])  # fmt: skip
    for item in document["paths"].values():
        for operation in item.values():
            assert "application/problem+json" in operation["responses"]["404"]["content"]
            assert operation["summary"]


def test_a_failure_of_the_archive_is_told_without_its_secrets(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is a 500 as a problem, with the headers, and without what the error said."""

    def fail(*_: object) -> None:
        raise RuntimeError("postgresql://user:hunter2@db")

    monkeypatch.setattr(api.client.app.state.desk.reader, "stories", fail)  # type: ignore[attr-defined]
    answer = api.client.get("/api/v1/stories")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "hunter2" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_snooze_ends(api: Api) -> None:
    """Snoozed alerts are those whose snooze is in force at the desk's time."""
    alert = api.alerts[sorted(api.alerts)[1]]
    until = (desk.NOW + timedelta(hours=1)).isoformat()
    api.post(f"/alerts/{alert.alert_id}/feedback", {"action": "snooze", "until": until})
    assert alert.alert_id in {row["alert"]["alert_id"] for row in pages(api, "/alerts", snoozed="true")}
    assert alert.alert_id not in {row["alert"]["alert_id"] for row in pages(api, "/alerts", snoozed="false")}
