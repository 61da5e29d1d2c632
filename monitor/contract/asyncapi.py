"""The topics as one AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0)."""

from __future__ import annotations

from typing import Any

from monitor.broker.topics import topic_config
from monitor.contract.json_schema import definitions
from schemas import topics
from schemas.topics import TopicSpec

__all__ = ["asyncapi", "public_topics"]

BINDING = "0.5.0"
"""Version of AsyncAPI's Kafka bindings."""

KEYS_IN_BINDING = ("retention.ms", "retention.bytes", "max.message.bytes")
"""The topic settings that the binding knows besides cleanup.policy."""


def public_topics() -> tuple[TopicSpec, ...]:
    """Return the topics that carry messages; changelogs are the stages' own and may change at any time."""
    return tuple(spec for spec in topics.ALL if spec.model is not None)


def asyncapi() -> dict[str, Any]:
    """Return the document as plain JSON values."""
    specs = public_topics()
    models = {spec.model for spec in specs if spec.model is not None}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Counterclaim",
            "version": f"{max(model.VERSION for model in models)}.0.0",
            "description": "Says when what one news source reports is contradicted by another. Values are UTF-8 JSON; "
            "keys are UTF-8 text. Readers ignore fields that they do not know, and refuse a schema_version that they "
            "do not know. Delivery is at least once: a message may come again with the same id, and collapses by key.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {spec.name: _channel(spec) for spec in specs},
        "operations": {
            f"{action}_{spec.name}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{spec.name}"},
                "messages": [{"$ref": f"#/channels/{spec.name}/messages/{_model_name(spec)}"}],
            }
            for spec in specs
            for action in ("send", "receive")
        },
        "components": {
            "messages": {_model_name(spec): _message(spec) for spec in specs},
            "schemas": definitions(sorted(models, key=lambda kind: kind.__name__), "#/components/schemas/{model}"),
        },
    }


def _model_name(spec: TopicSpec) -> str:
    assert spec.model is not None
    return spec.model.__name__


def _channel(spec: TopicSpec) -> dict[str, Any]:
    assert spec.model is not None
    config = topic_config(spec)
    return {
        "address": spec.name,
        "title": spec.name,
        "description": f"{(spec.model.__doc__ or '').splitlines()[0]} Before the name stands the setting kafka.prefix.",
        "messages": {_model_name(spec): {"$ref": f"#/components/messages/{_model_name(spec)}"}},
        "bindings": {
            "kafka": {
                "topic": spec.name,
                "partitions": spec.partitions,
                "topicConfiguration": {
                    "cleanup.policy": spec.cleanup.split(","),
                    **{key: int(config[key]) for key in KEYS_IN_BINDING},
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _message(spec: TopicSpec) -> dict[str, Any]:
    name = _model_name(spec)
    return {
        "name": name,
        "title": name,
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"the field {spec.key}, as UTF-8 text"},
                "bindingVersion": BINDING,
            }
        },
    }
