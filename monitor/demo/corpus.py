"""The sample articles of the demo, all written for it: outlets, scenarios, and the alerts that they must raise.

The data lie in ``articles/``: ``outlets.toml``, ``expected.toml`` and one TOML file for each scenario. In a text
``{day}`` stands for the weekday on which the scenario's earliest article appeared, ``{day+1}`` and ``{day-1}`` for its
neighbours (in Russian with its preposition); everything else is literal.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from monitor.demo.expected import Expected, read_expected
from monitor.errors import ConfigError
from monitor.ids import stable_id
from schemas import Article, PublisherKind

__all__ = ["SAMPLE_START", "Corpus", "Outlet", "SampleArticle", "Scenario", "load"]

SAMPLE_START: Final = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
"""Start of the demo where none is given (a Wednesday, noon): tests see the same dates every day."""

ARTICLES: Final = Path(__file__).with_name("articles")

_DAY = re.compile(r"\{day([+-]\d+)?\}")
_WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "ru": ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"),
}


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented outlet. ``format`` is rss, atom, rdf or json; ``content`` full where its feed has whole texts."""

    id: str
    name: str
    kind: PublisherKind
    language: str
    format: str
    content: str
    tagline: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A small affair told by a few articles. ``traps`` are those of DESIGN section 5; ``opens``: it is shown first."""

    id: str
    title: str
    traps: tuple[int, ...] = ()
    opens: bool = False


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """One revision of one article, as its outlet published it. ``text`` has its paragraphs parted by blank lines.

    ``id`` is unique; ``guid`` is shared by the revisions of one item. ``copy_of`` is the ``id`` of the article whose
    text it repeats, null for an original; ``revises`` that of the first revision.
    """

    id: str
    guid: str
    outlet: Outlet
    title: str
    text: str
    published_at: datetime
    scenario: str
    section: str = "World"
    author: str | None = None
    copy_of: str | None = None
    revises: str | None = None
    revision: int = 1

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text's paragraphs."""
        return tuple(self.text.split("\n\n"))

    @property
    def slug(self) -> str:
        """The last part of the page's address, the same for all revisions."""
        return f"{self.revises or self.id}.html"

    def as_article(self, base_url: str = "http://127.0.0.1") -> Article:
        """Return it as the poller would publish it after reading the page, first seen when it was published."""
        url = f"{base_url}/{self.outlet.id}/{self.slug}"
        return Article(
            article_id=stable_id("article", self.outlet.id, self.guid),
            revision=self.revision,
            content_hash=stable_id("hash", self.title, self.text),
            feed_id=self.outlet.id,
            guid=self.guid,
            url=url,
            canonical_url=url,
            title=self.title,
            text=self.text,
            language_hint=self.outlet.language,
            authors=(self.author,) if self.author else (),
            publisher=self.outlet.name,
            publisher_kind=self.outlet.kind,
            section=self.section,
            published_at=self.published_at,
            page_published_at=self.published_at,
            first_seen_at=self.published_at,
        )


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything the demo serves. ``articles`` stand in the order in which they appear in the feeds."""

    outlets: tuple[Outlet, ...]
    scenarios: tuple[Scenario, ...]
    articles: tuple[SampleArticle, ...]
    expected: Expected

    def article(self, article_id: str) -> SampleArticle:
        """Return the article of that id.

        Raises:
            KeyError: there is none.
        """
        for article in self.articles:
            if article.id == article_id:
                return article
        raise KeyError(article_id)

    def of_scenario(self, scenario: str) -> tuple[SampleArticle, ...]:
        """Return the articles of a scenario in order of appearance."""
        return tuple(article for article in self.articles if article.scenario == scenario)


def load(start: datetime = SAMPLE_START, folder: Path = ARTICLES) -> Corpus:
    """Read the sample articles, dated as if the demo began at ``start``.

    Raises:
        ConfigError: a file is no TOML, lacks a field, or names an outlet or article that there is not.
    """
    outlets = {outlet.id: outlet for outlet in _read_outlets(folder / "outlets.toml")}
    scenarios: list[Scenario] = []
    articles: list[SampleArticle] = []
    for path in sorted(folder.glob("*/*.toml")):
        scenario, found = _read_scenario(path, outlets, start)
        scenarios.append(scenario)
        articles.extend(found)
    opening = {scenario.id for scenario in scenarios if scenario.opens}
    articles.sort(key=lambda article: (article.scenario not in opening, article.published_at, article.id))
    return Corpus(
        outlets=tuple(outlets.values()),
        scenarios=tuple(scenarios),
        articles=tuple(articles),
        expected=read_expected(folder / "expected.toml"),
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot be read as TOML: {error}", path=str(path)) from error


def _read_outlets(path: Path) -> Iterator[Outlet]:
    for row in _read_toml(path).get("outlet", ()):
        try:
            yield Outlet(**{**row, "kind": PublisherKind(row["kind"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"outlet {row.get('id', '?')!r}: {error}", path=str(path)) from error


def _read_scenario(
    path: Path, outlets: Mapping[str, Outlet], start: datetime
) -> tuple[Scenario, tuple[SampleArticle, ...]]:
    data = _read_toml(path)
    rows: list[dict[str, Any]] = data.pop("article", [])
    try:
        scenario = Scenario(**{**data, "id": path.stem, "traps": tuple(data.get("traps", ()))})
        earliest = start + timedelta(minutes=min(row["minutes"] for row in rows))
        read: dict[str, SampleArticle] = {}
        for row in rows:
            article = _article(row, scenario.id, outlets, start, read)
            read[article.id] = _dated(article, earliest)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{type(error).__name__}: {error}", path=str(path)) from error
    return scenario, tuple(read.values())


def _article(
    row: dict[str, Any],
    scenario: str,
    outlets: Mapping[str, Outlet],
    start: datetime,
    earlier: Mapping[str, SampleArticle],
) -> SampleArticle:
    outlet = outlets[row["outlet"]]
    revised = earlier[row["revises"]] if "revises" in row else None
    return SampleArticle(
        id=row["id"],
        guid=revised.guid if revised else f"tag:{outlet.id}.example,2026:{row['id']}",
        outlet=outlet,
        title=row["title"],
        text=_text(row, earlier),
        published_at=start + timedelta(minutes=row["minutes"]),
        scenario=scenario,
        section=row.get("section", "World"),
        author=row.get("author"),
        copy_of=row.get("copy_of"),
        revises=row.get("revises"),
        revision=revised.revision + 1 if revised else 1,
    )


def _text(row: Mapping[str, Any], earlier: Mapping[str, SampleArticle]) -> str:
    """Return the row's own text, or the first ``keep`` paragraphs of ``copy_of`` between ``before`` and ``after``."""
    if "copy_of" not in row:
        return _plain(row["text"])
    copied = earlier[row["copy_of"]].paragraphs[: row.get("keep")]
    return "\n\n".join(part for part in (_plain(row.get("before", "")), *copied, _plain(row.get("after", ""))) if part)


def _plain(text: str) -> str:
    """Return ``text`` with one line to a paragraph, as it may be wrapped in the file."""
    return "\n\n".join(" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip())


def _dated(article: SampleArticle, earliest: datetime) -> SampleArticle:
    """Return the article with its weekdays written out, counted from the scenario's earliest article."""
    names = _WEEKDAYS[article.outlet.language]

    def weekday(match: re.Match[str]) -> str:
        return names[(earliest.weekday() + int(match.group(1) or 0)) % len(names)]

    return replace(article, title=_DAY.sub(weekday, article.title), text=_DAY.sub(weekday, article.text))
