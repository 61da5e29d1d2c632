"""The settings file: where each setting stands in it, and what to say of a wrong one.

Knows no setting by name: it works on any pydantic model of sections, so that ``monitor.settings`` stays a plain list.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from monitor.errors import ConfigError

__all__ = ["TomlFile", "allowed", "default_of", "explain", "fields_of", "origin_of", "read_toml", "unknown_variable"]

ENV_PREFIX = "COUNTERCLAIM_"
NOT_SETTINGS = ("COUNTERCLAIM_CONFIG", "COUNTERCLAIM_INSTANCE")
"""Variables with our prefix that are no setting; those that start with COUNTERCLAIM_TEST_ are for the tests."""

_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")
_ENTRY = re.compile(r"^\s*\[\[([^\[\]]+)\]\]\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")

_COMPARISONS = (("ge", "{} or more"), ("gt", "more than {}"), ("le", "at most {}"), ("lt", "less than {}"))


@dataclass(frozen=True, slots=True)
class TomlFile:
    """What was read from a settings file. ``lines``: dotted key -> line, from 1."""

    path: Path | None
    data: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> TomlFile:
        """Return the file that is not there."""
        return cls(None)

    def line_of(self, key: str) -> int | None:
        """Return the line on which ``key`` (dotted) or the nearest table around it is set; None where nothing is."""
        while key:
            if key in self.lines:
                return self.lines[key]
            key = key.rpartition(".")[0]
        return None


def read_toml(path: Path, model: type[BaseModel]) -> TomlFile:
    """Read a TOML file for ``model``; a relative path in it counts from the folder of the file, ``~`` is the user's.

    Raises:
        ConfigError: it cannot be read, is no UTF-8, or no TOML (with the line).
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        message = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise ConfigError(
            f"not TOML: {message}", path=str(path), line=int(found[1]) if found else None, hint=_TOML_HINT
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8: {error.reason} at byte {error.start}", path=str(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=str(path)) from None
    _resolve_paths(data, model, path.parent)
    return TomlFile(path, data, dict(_lines(text)))


_TOML_HINT = 'text stands in quotes ("..."), sections in brackets ([kafka]); counterclaim config example shows all'


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield (dotted key, line) of each table header and key. A line inside a multi-line string may be taken for one.

    Tables of a list (``[[delivery.channels]]``) are counted from 0: ``delivery.channels.0.name``.
    """
    table = ""
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if entry := _ENTRY.match(line):
            name = _dotted(entry[1])
            if name not in counts:
                yield name, number
            counts[name] = counts.get(name, -1) + 1
            table = f"{name}.{counts[name]}"
            yield table, number
        elif header := _HEADER.match(line):
            table = _dotted(header[1])
            yield table, number
        elif key := _KEY.match(line):
            yield ".".join(filter(None, (table, _dotted(key[1])))), number


def _dotted(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _resolve_paths(data: dict[str, Any], model: type[BaseModel], folder: Path) -> None:
    for name, info in model.model_fields.items():
        value = data.get(name)
        section = section_of(info)
        if section is not None and isinstance(value, dict):
            _resolve_paths(value, section, folder)
        elif isinstance(value, str) and Path in _types_of(info.annotation):
            data[name] = str(folder / Path(value).expanduser())


def section_of(info: FieldInfo) -> type[BaseModel] | None:
    """Return the model of a field that is a section; None for a plain setting."""
    annotation = info.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def fields_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield (dotted name, field) of every setting, sections opened, in the order of the model; plain ones first."""
    items = list(model.model_fields.items())
    for name, info in items:
        if section_of(info) is None:
            yield prefix + name, info
    for name, info in items:
        section = section_of(info)
        if section is not None:
            yield from fields_of(section, f"{prefix}{name}.")


def _types_of(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(kind for kind in typing.get_args(annotation) if kind is not type(None))
    return (annotation,)


def default_of(info: FieldInfo) -> Any:
    """Return the default of a field, made anew where it has a factory."""
    return info.get_default(call_default_factory=True, validated_data={})


def allowed(info: FieldInfo) -> str:
    """Say in words what a field takes: the kind of value, its range or its choices."""
    kind = _types_of(info.annotation)[0]
    if typing.get_origin(kind) is Literal:
        return "one of " + ", ".join(str(choice) for choice in typing.get_args(kind))
    named = {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}
    shapes = {tuple: "a list of texts", dict: "a table"}
    if any(isinstance(part, type) and issubclass(part, BaseModel) for part in typing.get_args(kind)):
        shapes[tuple] = "a list of tables"
    words = [shapes.get(typing.get_origin(kind), named.get(kind, "a text"))]
    limits = {name: getattr(rule, name) for rule in info.metadata for name, _ in _COMPARISONS if hasattr(rule, name)}
    if "ge" in limits and "le" in limits:
        words.append(f"from {limits['ge']} to {limits['le']}")
    else:
        words += [phrase.format(limits[name]) for name, phrase in _COMPARISONS if name in limits]
    return ", ".join(words)


def variable_of(key: str) -> str:
    """Return the name of the variable that sets ``key`` (dotted)."""
    return ENV_PREFIX + key.replace(".", "__").upper()


def origin_of(key: str, file: TomlFile, environ: Mapping[str, str]) -> str:
    """Say where the value of ``key`` comes from: a variable, a line of the file, or the default."""
    present = {name.upper() for name, value in environ.items() if value}
    for candidate in (key, key.partition(".")[0]):
        if variable_of(candidate) in present:
            return f"environment variable {variable_of(candidate)}"
    if key in file.lines:
        return f"{file.path}, line {file.lines[key]}"
    value: Any = file.data
    for part in key.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return f"{file.path}, line {file.line_of(key)}" if value is not None else "default"


def unknown_variable(environ: Mapping[str, str], model: type[BaseModel]) -> ConfigError | None:
    """Return the error for the first variable with our prefix that names no setting; None where all do."""
    known = {variable_of(key) for key, _ in fields_of(model)} | {variable_of(name) for name in model.model_fields}
    for name in sorted(environ):
        upper = name.upper()
        if not upper.startswith(ENV_PREFIX) or upper in NOT_SETTINGS or upper.startswith(f"{ENV_PREFIX}TEST_"):
            continue
        if upper not in known:
            return ConfigError(f"environment variable {name} names no setting{_did_you_mean(upper, known)}")
    return None


def explain(error: ValidationError, model: type[BaseModel], file: TomlFile, environ: Mapping[str, str]) -> ConfigError:
    """Turn pydantic's errors into one of ours: where each wrong setting stands, what it is, and what is allowed.

    ``path`` and ``line`` of the result are those of the first one that stands in the file.
    """
    fields = dict(fields_of(model))
    messages, path, line = [], None, None
    for number, problem in enumerate(error.errors(include_url=False)):
        key = full = ".".join(str(part) for part in problem["loc"] if isinstance(part, str))
        while key and key not in fields and problem["type"] not in ("extra_forbidden", "value_error"):
            key = key.rpartition(".")[0]
        place = ".".join(map(str, problem["loc"]))
        origin = origin_of(key, file, environ)
        if origin == "default":
            origin = origin_of(place, file, environ)
        text = _problem(key, full, problem, fields, model)
        if number == 0 and origin.startswith(str(file.path)) and file.path:
            path, line = str(file.path), file.line_of(place)
        elif origin != "default":
            text = f"{origin}: {text}"
        messages.append(text)
    return ConfigError("\n".join(messages), path=path, line=line)


def _problem(
    key: str, full: str, problem: Mapping[str, Any], fields: Mapping[str, FieldInfo], model: type[BaseModel]
) -> str:
    if problem["type"] == "extra_forbidden":
        names = [*fields, *model.model_fields]
        return f"there is no setting {key!r}{_did_you_mean(key, names)}"
    if key in fields and problem["type"] != "value_error":
        info = fields[key]
        note = f" ({info.description})" if info.description else ""
        value = "***" if is_secret(info) else repr(problem["input"])
        # Of an entry in a table only pydantic knows the range.
        rule = allowed(info) if key == full else str(problem["msg"]).lower()
        return f"{full} = {value} is not allowed: {rule}{note}; default {default_of(info)!r}"
    return f"{key}: {str(problem['msg']).removeprefix('Value error, ')}"


def is_secret(info: FieldInfo) -> bool:
    """Say whether a field's value is masked wherever settings are shown."""
    return isinstance(info.json_schema_extra, dict) and bool(info.json_schema_extra.get("secret"))


def _did_you_mean(word: str, known: typing.Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if not close:
        # "kafka_broker" for "kafka.broker", "brokers" for "kafka.broker": compare the last part alone.
        lasts = {re.split(r"\.|__", name)[-1]: name for name in names}
        close = [lasts[last] for last in difflib.get_close_matches(re.split(r"\.|__", word)[-1], lasts, n=1)]
    return f"; did you mean {close[0]!r}?" if close else "; counterclaim config example shows all of them"
