from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.contract.json_schema import messages
from schemas.message import DecodeError, Message, SchemaVersionError

GOLDEN = Path(__file__).parent / "golden"
MODELS = {model.__name__: model for model in messages()}


def golden_name(model: type[Message]) -> str:
    """Return the golden file's name of a model: ``dead_letter.json``."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in model.__name__).lstrip("_") + ".json"


def golden_of(model: type[Message], version: int) -> Path:
    """Return the path of a model's golden message of one version."""
    return GOLDEN / f"v{version}" / golden_name(model)


CASES = [
    pytest.param(model, version, id=f"{name}-v{version}")
    for name, model in MODELS.items()
    for version in range(1, model.VERSION + 1)
]


def with_unknown_fields(value: Any) -> Any:
    """Return a copy in which every object has a field that nobody knows."""
    if isinstance(value, dict):
        return {**{key: with_unknown_fields(item) for key, item in value.items()}, "field_of_2031": {"a": [1]}}
    if isinstance(value, list):
        return [with_unknown_fields(item) for item in value]
    return value


def assert_contains(written: Any, golden: Any, where: str = "") -> None:
    """Everything in ``golden`` is in ``written`` as it was; only fields that came later may be there besides."""
    if isinstance(golden, dict):
        for key, value in golden.items():
            assert key in written, f"{where}.{key} has gone"
            assert_contains(written[key], value, f"{where}.{key}")
    elif isinstance(golden, list):
        assert len(written) == len(golden), where
        for index, (one, other) in enumerate(zip(written, golden, strict=True)):
            assert_contains(one, other, f"{where}[{index}]")
    else:
        assert written == golden, where


def test_every_model_has_a_golden_message_and_no_file_is_left_over() -> None:
    """There is one golden file for each model and version, and no other."""
    expected = {golden_of(*case.values) for case in CASES}  # type: ignore[arg-type]
    assert set(GOLDEN.rglob("*.json")) == expected


@pytest.mark.parametrize(("model", "version"), CASES)
def test_golden_message_is_read_and_written_as_it_was(model: type[Message], version: int) -> None:
    """A message of each version is still read, and written again with every field unchanged."""
    raw = golden_of(model, version).read_bytes()
    message = model.from_bytes(raw)
    assert model.from_bytes(message.to_bytes()) == message
    assert_contains(json.loads(message.to_bytes()), json.loads(raw))
    assert message.to_json() == json.loads(message.to_bytes())


@pytest.mark.parametrize(("model", "version"), CASES)
def test_golden_message_sets_every_field_of_its_version(model: type[Message], version: int) -> None:
    """No field of the golden message is left to its default, so that a change of any is seen."""
    golden = json.loads(golden_of(model, version).read_bytes())
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required <= set(golden) <= set(model.model_fields)
    assert golden["schema_version"] == version


@pytest.mark.parametrize(("model", "version"), CASES)
def test_unknown_fields_of_a_newer_producer_are_ignored(model: type[Message], version: int) -> None:
    """A field that nobody knows, at any depth, changes nothing."""
    golden = json.loads(golden_of(model, version).read_bytes())
    newer = json.dumps(with_unknown_fields(golden)).encode()
    assert model.from_bytes(newer) == model.from_bytes(json.dumps(golden).encode())


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("found", [0, -1, "next"])
def test_an_unknown_schema_version_is_refused(model: type[Message], found: int | str) -> None:
    """A version below 1 or above the one that is known is refused as that, even where all else fits."""
    version = model.VERSION + 1 if found == "next" else found
    golden = json.loads(golden_of(model, model.VERSION).read_bytes())
    with pytest.raises(SchemaVersionError) as caught:
        model.from_bytes(json.dumps({**golden, "schema_version": version}).encode())
    assert caught.value.found == version
    assert str(version) in str(caught.value)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_new_version_with_another_shape_is_told_as_a_version(model: type[Message]) -> None:
    """Of a message whose fields have all changed, the version is what is reported."""
    with pytest.raises(SchemaVersionError, match="schema_version 7"):
        model.from_bytes(b'{"schema_version": 7, "all": "new"}')


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[]", b"null", b"{}", b"{", b'"text"', b"1e999"])
def test_what_is_no_message_is_refused(model: type[Message], raw: bytes) -> None:
    """Bytes that are no JSON object of the model are a DecodeError that names it, never another error."""
    with pytest.raises(DecodeError, match=model.__name__):
        model.from_bytes(raw)
