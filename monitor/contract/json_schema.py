"""JSON Schema of the models, as they are written to a topic. Draft 7, which AsyncAPI and most validators read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

import schemas
from schemas.message import Message

__all__ = ["DRAFT", "definitions", "file_name", "messages", "schema_of"]

DRAFT = "http://json-schema.org/draft-07/schema#"


class Draft7(GenerateJsonSchema):
    """As pydantic writes it, but a tuple is an ``items`` list: ``prefixItems`` came with draft 2020-12."""

    schema_dialect = DRAFT

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        """Return the schema of a tuple."""
        written = super().tuple_schema(schema)
        if "prefixItems" in written:
            written["items"] = written.pop("prefixItems")
        return written


def messages() -> tuple[type[Message], ...]:
    """Return every kind of message, in alphabetical order."""
    exported = (getattr(schemas, name) for name in sorted(schemas.__all__))
    return tuple(
        kind for kind in exported if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message
    )


def file_name(model: type[Message]) -> str:
    """Return the name of a model's file, its version in it: ``dead_letter.v1.json``."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()
    return f"{words}.v{model.VERSION}.json"


def schema_of(model: type[Message]) -> dict[str, Any]:
    """Return the JSON Schema of one model, complete in itself."""
    schema = model.model_json_schema(
        mode="serialization", ref_template="#/definitions/{model}", schema_generator=Draft7
    )
    if "$defs" in schema:
        schema["definitions"] = schema.pop("$defs")
    return {
        "$schema": DRAFT,
        "$id": f"urn:counterclaim:{file_name(model).removesuffix('.json')}",
        **_fixed(schema, model),
    }


def definitions(models: Iterable[type[Message]], ref_template: str) -> dict[str, Any]:
    """Return the schemas of several models and of all that they refer to, by name."""
    kinds = list(models)
    _, schema = models_json_schema(
        [(kind, "serialization") for kind in kinds], ref_template=ref_template, schema_generator=Draft7
    )
    found: dict[str, Any] = schema["$defs"]
    for kind in kinds:
        found[kind.__name__] = _fixed(found[kind.__name__], kind)
    return found


def _fixed(schema: dict[str, Any], model: type[Message]) -> dict[str, Any]:
    """Say of which version it is: any other one is refused by a reader."""
    properties = dict(schema["properties"])
    properties["schema_version"] = {"type": "integer", "const": model.VERSION, "title": "Schema Version"}
    return {**schema, "properties": properties}
