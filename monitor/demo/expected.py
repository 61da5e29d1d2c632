"""What must come out of the sample articles: every alert, and every scenario that must raise none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import ConfigError
from schemas import AlertKind, AlertState, Scope, Severity

__all__ = ["Expected", "ExpectedAlert", "ExpectedSide", "Silence", "read_expected"]


@dataclass(frozen=True, slots=True)
class ExpectedSide:
    """One side of an alert: the ids of all sample articles that carry it, its counts, and words of its quotes.

    A quote of the side holds at least one of ``quotes``; where there are several, each of them makes the point.
    """

    articles: tuple[str, ...]
    origins: int
    outlets: int
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """An alert that must come out, in its last revision. Severity is bounded only where it is clear."""

    scenario: str
    kind: AlertKind
    scope: Scope
    same_article: bool
    topics: tuple[str, ...]
    asserted: ExpectedSide
    countering: ExpectedSide
    why: str
    state: AlertState = AlertState.CONTESTED
    date_uncertain: bool = False
    severity_at_least: Severity | None = None
    severity_at_most: Severity | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A scenario in which no claim conflicts with another, however much it looks so, and why."""

    scenario: str
    why: str


@dataclass(frozen=True, slots=True)
class Expected:
    """All that must come out, and nothing else may."""

    alerts: tuple[ExpectedAlert, ...]
    silent: tuple[Silence, ...]


def read_expected(path: Path) -> Expected:
    """Read ``expected.toml``.

    Raises:
        ConfigError: it is no TOML, lacks a field, or has one that is unknown.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return Expected(
            alerts=tuple(_alert(row) for row in data.get("alert", ())),
            silent=tuple(Silence(**row) for row in data.get("silent", ())),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{type(error).__name__}: {error}", path=str(path)) from error


def _alert(row: Mapping[str, Any]) -> ExpectedAlert:
    read: dict[str, Any] = dict(row)
    for name, enum in (
        ("kind", AlertKind),
        ("scope", Scope),
        ("state", AlertState),
        ("severity_at_least", Severity),
        ("severity_at_most", Severity),
    ):
        if name in read:
            read[name] = enum(read[name])
    for side in ("asserted", "countering"):
        read[side] = ExpectedSide(**{name: _frozen(value) for name, value in read[side].items()})
    read["topics"] = tuple(read["topics"])
    return ExpectedAlert(**read)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
