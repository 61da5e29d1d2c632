"""One article as scraped, in the shape that misleads: what ``counterclaim analyze`` must and must not find in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import cli

ROOT = Path(__file__).parents[2]
SEED = ROOT.parent / "shared" / "data" / "text" / "seed_article.txt"
OURS = Path(__file__).parent / "articles" / "drones.txt"

CASES = {
    "ours": {
        "path": OURS,
        "topics": {"iran", "yemen"},
        "header": "2019-03-12",
        "furniture": [
            "Read More",
            "Read also",
            "@coastwatcher",
            "Promoted",
            "inbox",
            "Port workers",
            "Night Desk",
            "Quill",
        ],
        "speakers": [
            "broadcaster in Sanaa",
            "Gulf officials",
            "channel linked to al-Qaeda",
            "unnamed officer",
            "Tehran",
        ],
        "via": ("Gulf officials", "Emirati newspapers"),
        "denier": "iran",
        "denied": "plans to deploy troops",
        "reported": "fighting beside Houthi forces",
        "other_matter": "missiles",
        "caption": "said to be 'operating'",
    },
    "seed": {
        "path": SEED,
        "topics": {"syria", "russia", "islamic-state"},
        "header": "2018-02-17",
        "furniture": ["Read More", "Credit", "Promoted", "inbox", "Editors Choice", "World News", "David Kearns"],
        "speakers": [
            "state television",
            "Western diplomats",
            "account linked to",
            "unnamed activist",
            "Moscow",
            "Dmitry Peskov",
        ],
        "via": ("Western diplomats", "Israeli news sites"),
        "denier": "russia",
        "denied": "plans to station troops",
        "reported": "fighting alongside pro-Assad forces",
        "other_matter": "chemical weapon",
        "caption": "said to be 'fighting'",
    },
}


@pytest.fixture(scope="module", params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One of the two articles, with what is to be found in it."""
    found: dict[str, Any] = CASES[request.param]
    if not found["path"].exists():
        pytest.skip(f"{found['path'].name} is not here: the shared data is not part of the project")
    return found


@pytest.fixture(scope="module")
def text(case: dict[str, Any]) -> str:
    """The article as it stands in its file."""
    return str(case["path"].read_text("utf-8"))


@pytest.fixture(scope="module")
def found(case: dict[str, Any]) -> dict[str, Any]:
    """What the command prints of the article."""
    answer = run("--json", str(case["path"]))
    assert answer.exit_code == 0, answer.stderr
    return dict(json.loads(answer.stdout))


def run(*arguments: str) -> Result:
    """Run ``counterclaim analyze`` in this process, which starts faster than one of its own."""
    return CliRunner().invoke(cli, ["analyze", *arguments])


def test_language_and_topics(case: dict[str, Any], found: dict[str, Any]) -> None:
    """The article is English and on its countries."""
    assert found["language"] == "en"
    assert case["topics"] <= {topic["slug"] for topic in found["topics"]}


def test_the_date_in_the_header_is_not_that_of_the_events(case: dict[str, Any], found: dict[str, Any]) -> None:
    """The day printed above the headline is kept apart, and all that rests on it is uncertain."""
    assert found["dates"]["text"].startswith(case["header"])
    assert found["dates"]["feed"] is None
    assert found["dates"]["uncertain"] is True
    assert all(claim["date_uncertain"] and claim["event_time"] is None for claim in found["claims"])
    assert all(alert["date_uncertain"] for alert in found["alerts"])


def test_furniture_claims_nothing(case: dict[str, Any], found: dict[str, Any]) -> None:
    """No claim is read from links, credits, bylines, prompts and the list at the end."""
    quotes = [claim["quote"] for claim in found["claims"]]
    assert quotes
    assert [(word, quote) for word in case["furniture"] for quote in quotes if word in quote] == []


def test_no_claim_comes_twice(case: dict[str, Any], found: dict[str, Any], text: str) -> None:
    """The caption stands in the text twice and is claimed once."""
    quotes = [claim["quote"] for claim in found["claims"]]
    assert len(quotes) == len(set(quotes))
    assert text.count(case["caption"]) == 2
    assert sum(case["caption"] in quote for quote in quotes) == 1


def test_each_source_is_found(case: dict[str, Any], found: dict[str, Any]) -> None:
    """A broadcaster, officials through a newspaper, an account, an unnamed man, the state and its spokesman."""
    speakers = [claim["speaker"] or "" for claim in found["claims"]]
    assert [wanted for wanted in case["speakers"] if not any(wanted in speaker for speaker in speakers)] == []
    who, via = case["via"]
    assert next(claim["via"] for claim in found["claims"] if who in (claim["speaker"] or "")).endswith(via)


def test_spans_are_of_the_text_as_given(found: dict[str, Any], text: str) -> None:
    """Each quote and speaker is what stands at its span in the file."""
    for claim in found["claims"]:
        assert text[slice(*claim["span"])] == claim["quote"]
        assert claim["speaker_span"] is None or text[slice(*claim["speaker_span"])] == claim["speaker"]


def test_one_alert_of_a_denial_in_part(case: dict[str, Any], found: dict[str, Any], text: str) -> None:
    """What is reported stands against the denial of plans: one alert, same article, partial scope, below high."""
    (alert,) = found["alerts"]
    assert (alert["kind"], alert["same_article"], alert["scope"]) == ("denial", True, "partial")
    assert alert["severity"] == "low"
    reported, denied = ([claim["quote"] for claim in side["claims"]] for side in alert["sides"])
    assert any(case["reported"] in quote for quote in reported)
    assert any(case["denied"] in quote for quote in denied)
    for side in alert["sides"]:
        assert all(text[slice(*claim["span"])] == claim["quote"] for claim in side["claims"])


def test_who_denies_stands_on_the_side_of_the_denial_alone(case: dict[str, Any], found: dict[str, Any]) -> None:
    """Nothing that the accused state says is counted among the reports against it."""
    parties = {claim["claim_id"]: claim["speaker_party"] for claim in found["claims"]}
    (alert,) = found["alerts"]
    reported, denied = ([parties[claim["claim_id"]] for claim in side["claims"]] for side in alert["sides"])
    assert case["denier"] not in reported
    assert set(denied) == {case["denier"]}


def test_the_last_paragraph_is_another_matter(case: dict[str, Any], found: dict[str, Any]) -> None:
    """The inquiry at the end is not drawn into the dispute."""
    (alert,) = found["alerts"]
    quotes = [claim["quote"] for side in alert["sides"] for claim in side["claims"]]
    assert [quote for quote in quotes if case["other_matter"] in quote or "envoy" in quote] == []


def test_an_editor_can_read_it(case: dict[str, Any]) -> None:
    """The readable form says what is disputed by whom, and that the date is uncertain."""
    answer = run(str(case["path"]))
    assert answer.exit_code == 0
    # The frame breaks lines anywhere.
    assert "disputed by" in " ".join(answer.stdout.replace("│", " ").split())
    assert "date uncertain" in answer.stdout
    assert "same article" in answer.stdout


def test_the_same_input_gives_the_same_ids(case: dict[str, Any], found: dict[str, Any]) -> None:
    """Nothing in an answer depends on chance or on the clock."""
    assert json.loads(run("--json", str(case["path"])).stdout) == found


def test_a_missing_file_is_named_and_the_rest_goes_on() -> None:
    """Exit status 1, the name on stderr, and the next file analyzed."""
    command = [sys.executable, "-m", "monitor.cli.main", "analyze", "--json", "no-such-file.txt", str(OURS)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 1
    assert "no-such-file.txt" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stdout.splitlines()) == 1
