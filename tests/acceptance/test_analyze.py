"""``counterclaim analyze`` and ``attribute`` as a user calls them: files of each kind, addresses, bad input."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import cli

BODY = "The harbour was closed on Tuesday after a crane fell into the water, the port authority said."
MORE = "Captain Ilse Brandt, who commands the harbour, denied that a crane had fallen into the water."
PAGE = f"""<!doctype html><html lang="en"><head><title>Crane falls into harbour</title>
<meta property="article:published_time" content="2026-06-04T08:00:00Z"></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Crane falls into harbour</h1>
<div><a href="#">Share on Facebook</a></div><p>{BODY}</p><p>{MORE}</p>
<p>Ferries were sent to the northern quay, and divers are looking at the wreck of the crane today.</p>
</article><aside><h3>Most read</h3><a href="/f">Fares to rise</a></aside></body></html>"""


def run(*arguments: str, stdin: str = "") -> Result:
    """Run a command in this process, which starts faster than one of its own."""
    return CliRunner().invoke(cli, arguments, input=stdin)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/crane"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if found:
            self.wfile.write(PAGE.encode())

    def log_message(self, *arguments: object) -> None:
        """Write nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """Address of a local server with one page, /crane."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_page_is_read_from_its_address_and_its_text_printed(server: str) -> None:
    """Spans are of the extracted text, which comes with them; the page's date is its own; a missing page is named."""
    answer = run("analyze", "--json", f"{server}/crane", f"{server}/gone")
    assert answer.exit_code == 1
    assert "/gone" in answer.stderr
    assert "404" in answer.stderr
    (found,) = (json.loads(line) for line in answer.stdout.splitlines())
    assert BODY in found["text"]
    assert "Facebook" not in found["text"]
    assert found["dates"]["page"] == "2026-06-04T08:00:00Z"
    assert found["dates"]["uncertain"] is False
    assert {claim["speaker"] for claim in found["claims"]} >= {"the port authority"}
    assert all(found["text"][slice(*claim["span"])] == claim["quote"] for claim in found["claims"])
    (alert,) = found["alerts"]
    assert (alert["kind"], alert["same_article"]) == ("denial", True)


def test_a_page_in_a_file_is_read_like_one_at_an_address(tmp_path: Path) -> None:
    """HTML is told from text by how it begins, whatever the file is called."""
    path = tmp_path / "a page.txt"
    path.write_text(PAGE, "utf-8")
    found = json.loads(run("analyze", "--json", str(path)).stdout)
    assert "<p>" not in found["text"]
    assert found["title"] == "Crane falls into harbour"


def test_articles_in_json_are_read_one_a_line(tmp_path: Path) -> None:
    """Rows with a date keep it; each gets an object; the text is not repeated, since it was given."""
    path = tmp_path / "articles.jsonl"
    rows = [{"id": name, "title": "Crane falls", "text": f"{BODY}\n\n{MORE}", "date": "2026-06-04"} for name in "ab"]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    found = [json.loads(line) for line in run("analyze", "--json", str(path)).stdout.splitlines()]
    assert [one["id"] for one in found] == ["a", "b"]
    assert all(one["dates"]["feed"] == "2026-06-04T00:00:00Z" and "text" not in one for one in found)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("blob.bin", bytes(range(256)) * 20, "no text"),
        ("empty.html", b"<html><body></body></html>", "no article text"),
        ("row.json", b'{"title": "x"}', "lacks the field 'id'"),
        ("rows.jsonl", b'{"id": "1", "text": "x"}\n{"id"', "line 2"),
    ],
)
def test_what_is_no_article_is_named_with_the_reason(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """Which file, what is wrong with it, exit status 1, no traceback."""
    path = tmp_path / name
    path.write_bytes(content)
    answer = run("analyze", "--json", str(path))
    assert answer.exit_code == 1
    assert name in answer.stderr
    assert reason in answer.stderr
    assert isinstance(answer.exception, SystemExit)


def test_attribute_answers_each_article_in_order() -> None:
    """One answer a line with spans of the text; a bad line is reported with its number, the rest goes on."""
    lines = [json.dumps({"id": "1", "text": BODY}), "not json", json.dumps({"article_id": "2", "text": MORE, "x": 1})]
    answer = run("attribute", stdin="\n".join(lines))
    assert answer.exit_code == 1
    assert "line 2" in answer.stderr
    first, second = (json.loads(line) for line in answer.stdout.splitlines())
    assert [first["id"], second["id"]] == ["1", "2"]
    (said,) = first["attributions"]
    assert [BODY[slice(*said[role][0])] for role in ("source", "cue")] == ["the port authority", "said"]
    (denied,) = second["attributions"]
    assert (MORE[slice(*denied["cue"][0])], denied["polarity"]) == ("denied", "denies")
