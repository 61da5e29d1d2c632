from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.contract import contract_files, write_contract
from monitor.contract.json_schema import file_name, messages
from monitor.errors import InputError
from schemas import topics

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "schemas"
REMEDY = "stale: run `make schemas` and commit docs/schemas"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The AsyncAPI document."""
    found: dict[str, Any] = json.loads(contract_files()["asyncapi.json"])
    return found


def test_committed_files_are_fresh() -> None:
    """What lies in docs/schemas is what the models say now, no file more and none less."""
    generated = contract_files()
    assert {path.name for path in COMMITTED.iterdir()} == set(generated), REMEDY
    for name, text in generated.items():
        assert (COMMITTED / name).read_text(encoding="utf-8") == text, f"{name} is {REMEDY}"


def test_writing_gives_the_same_twice(tmp_path: Path) -> None:
    """The files do not depend on the run: same bytes each time."""
    first, second = write_contract(tmp_path / "a"), write_contract(tmp_path / "b")
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where the folder should be is an error that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file"):
        write_contract(tmp_path / "file")


def test_every_model_has_a_schema_with_its_version() -> None:
    """Each kind of message has a file whose schema_version is that of the model."""
    files = contract_files()
    for model in messages():
        schema = json.loads(files[file_name(model)])
        assert schema["properties"]["schema_version"]["const"] == model.VERSION
        assert set(schema["properties"]) == set(model.model_fields)


def refs(value: Any) -> Iterator[str]:
    """Yield every ``$ref`` in a JSON value."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item)


def resolve(document: Any, ref: str) -> Any:
    """Return what a local reference points to (RFC 6901)."""
    assert ref.startswith("#/"), ref
    for part in ref[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.mark.parametrize("name", sorted(name for name in contract_files() if name.endswith(".json")))
def test_every_reference_resolves(name: str) -> None:
    """Each file is complete in itself."""
    document = json.loads(contract_files()[name])
    for ref in refs(document):
        assert isinstance(resolve(document, ref), dict), ref


@pytest.mark.parametrize("name", sorted(name for name in contract_files() if name.endswith(".json")))
def test_schemas_hold_no_word_of_a_later_draft(name: str) -> None:
    """The schemas keep to draft 7, as AsyncAPI's default format does."""
    text = contract_files()[name]
    assert not re.search(r'"(prefixItems|\$defs|\$dynamicRef|unevaluatedProperties|dependentRequired)":', text)


def test_document_has_the_parts_that_asyncapi_3_requires(document: dict[str, Any]) -> None:
    """Version, title and version of the interface; each operation has an action and a channel that is there."""
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["title"]
    assert document["info"]["version"]
    allowed = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
    assert set(document) <= allowed
    for name, operation in document["operations"].items():
        assert operation["action"] in ("send", "receive"), name
        channel = resolve(document, operation["channel"]["$ref"])
        names = {ref["$ref"].rsplit("/", 1)[1] for ref in operation["messages"]}
        assert names <= set(channel["messages"]), name
    component_name = re.compile(r"^[A-Za-z0-9._-]+$")  # AsyncAPI 3.0.0, "Components Object"
    for kind in document["components"].values():
        assert all(component_name.match(name) for name in kind)


def test_every_channel_is_a_topic_and_every_topic_with_messages_a_channel(document: dict[str, Any]) -> None:
    """Names, partitions and cleanup are those of schemas/topics.py."""
    specs = {spec.name: spec for spec in topics.ALL if spec.model is not None}
    assert set(document["channels"]) == set(specs)
    for name, channel in document["channels"].items():
        kafka = channel["bindings"]["kafka"]
        assert channel["address"] == kafka["topic"] == name
        assert kafka["partitions"] == specs[name].partitions
        assert kafka["topicConfiguration"]["cleanup.policy"] == specs[name].cleanup.split(",")
        (message,) = (resolve(document, ref["$ref"]) for ref in channel["messages"].values())
        payload = resolve(document, message["payload"]["$ref"])
        model = specs[name].model
        assert model is not None
        assert payload["title"] == model.__name__
        assert payload["properties"]["schema_version"]["const"] == model.VERSION


def test_the_overview_names_every_topic_and_links_to_files_that_are_there() -> None:
    """README.md lists the topics, and each link in it leads to a file beside it."""
    text = contract_files()["README.md"]
    for spec in topics.ALL:
        assert (f"`{spec.name}`" in text) == (spec.model is not None), spec.name
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert set(links) <= set(contract_files())
