"""The shipped table of publishers: what each is (wire agency, state media, satire...), with the source of each row."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas import PublisherKind

__all__ = ["Publisher", "kind_of", "publisher_of", "publishers"]


@dataclass(frozen=True, slots=True)
class Publisher:
    """One row: the outlet's name, what it is, its country (ISO 3166-1 alpha-2), its sites, and why we say so."""

    name: str
    kind: PublisherKind
    country: str
    sites: tuple[str, ...]
    source: str


@cache
def publishers() -> tuple[Publisher, ...]:
    """Return the table, in the order of the file."""
    raw = tomllib.loads(resources.files("monitor.feeds").joinpath("publishers.toml").read_text(encoding="utf-8"))
    return tuple(
        Publisher(row["name"], PublisherKind(row["kind"]), row["country"], tuple(row["sites"]), row["source"])
        for row in raw["publisher"]
    )


@cache
def _by_site() -> Mapping[str, Publisher]:
    return {site: row for row in publishers() for site in row.sites}


def publisher_of(site: str | None) -> Publisher | None:
    """Return the publisher of a host, or of the nearest domain above it that the table names."""
    labels = (site or "").partition(":")[0].split(".")
    for start in range(len(labels) - 1):
        if (found := _by_site().get(".".join(labels[start:]))) is not None:
            return found
    return None


def kind_of(site: str | None) -> PublisherKind:
    """Return what the publisher of a site is; ``unreviewed`` where the table does not name it."""
    found = publisher_of(site)
    return found.kind if found else PublisherKind.UNREVIEWED
