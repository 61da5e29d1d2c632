"""Make the Kafka topics what ``schemas/topics.py`` says, on any cluster, and never change what would lose messages.

A topic that is missing is created. One whose retention or message size differs is set right. One with other
partitions or another cleanup is refused: keys would move, or messages go, behind the workers' backs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from monitor.errors import BrokerError, ConfigError, TopicMismatchError
from schemas import topics
from schemas.topics import TopicSpec

if TYPE_CHECKING:
    from monitor.settings import Settings

__all__ = [
    "FoundTopic", "TopicPlan", "check_topics", "create_topics", "ensure_topics", "plan_topics", "topic_config",
    "wanted_topics",
]  # fmt: skip

MIB = 1024 * 1024
MAX_SEGMENT_BYTES = 64 * MIB
COMPACTED_SEGMENT_BYTES = 16 * MIB
"""Only closed segments are compacted: small ones keep a table's changelog short, and so its recovery."""
SEGMENTS_A_PARTITION = 8
"""Retention in bytes is kept to within one segment: an eighth of it."""

TOPIC_RESOURCE = "topic"
DYNAMIC_TOPIC_CONFIG = 1
"""``config_source`` of what was set on the topic itself (KIP-226)."""
TOPIC_ALREADY_EXISTS = 36
REQUEST_TIMEOUT_MS = 30_000
VISIBLE_S = 30.0
"""Seconds until what was made or changed must show."""
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as it is on the cluster: ``config`` all of it, ``own`` the part that was set on the topic itself."""

    partitions: int
    config: Mapping[str, str]
    own: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """What has to be done. ``alter``: (topic, setting, is, should be). ``refused``: differences that nobody may fix."""

    create: tuple[TopicSpec, ...] = ()
    alter: tuple[tuple[str, str, str, str], ...] = ()
    refused: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the cluster is as it should be."""
        return not (self.create or self.alter or self.refused)


def wanted_topics(settings: Settings, specs: Iterable[TopicSpec] = topics.ALL) -> list[TopicSpec]:
    """Return the topics under the prefix of the settings, with the retention that the settings give.

    Raises:
        ConfigError: the settings name a topic that there is not, or bound one that is compacted.
    """
    days, mib = settings.kafka.retention_days, settings.kafka.retention_mb
    known = {spec.name: spec for spec in topics.ALL}
    for field, named in (("retention_days", days), ("retention_mb", mib)):
        for name in named:
            if name not in known:
                raise ConfigError(f"kafka.{field}: no topic {name!r}", hint=f"There are {', '.join(known)}.")
            if known[name].cleanup == "compact":
                raise ConfigError(f"kafka.{field}: {name} is compacted: it keeps the last message of each key for ever")
    wanted = []
    for spec in specs:
        own = spec
        if spec.name in days:
            own = replace(own, retention=timedelta(days=days[spec.name]))
        if spec.name in mib:
            own = replace(own, retention_bytes=mib[spec.name] * MIB)
        wanted.append(own.named(settings.kafka.prefix))
    return wanted


def topic_config(spec: TopicSpec) -> dict[str, str]:
    """Return the settings of a topic (Kafka documentation, "Topic Configs")."""
    unbounded = -1
    retention_ms = unbounded if spec.retention is None else int(spec.retention.total_seconds() * 1000)
    retention_bytes = unbounded if spec.retention_bytes is None else spec.retention_bytes
    segment = COMPACTED_SEGMENT_BYTES if "compact" in spec.cleanup else MAX_SEGMENT_BYTES
    if spec.retention_bytes is not None:
        segment = min(segment, spec.retention_bytes // SEGMENTS_A_PARTITION)
    return {
        "cleanup.policy": spec.cleanup,
        "retention.ms": str(retention_ms),
        "retention.bytes": str(retention_bytes),
        "max.message.bytes": str(spec.max_message_bytes),
        # A batch must fit into a segment.
        "segment.bytes": str(max(segment, 2 * spec.max_message_bytes)),
    }


def plan_topics(wanted: Iterable[TopicSpec], found: Mapping[str, FoundTopic]) -> TopicPlan:
    """Compare; decide nothing from anything but the two."""
    create: list[TopicSpec] = []
    alter: list[tuple[str, str, str, str]] = []
    refused: list[tuple[str, str, str, str]] = []
    for spec in wanted:
        there = found.get(spec.name)
        if there is None:
            create.append(spec)
            continue
        if there.partitions != spec.partitions:
            refused.append((spec.name, "partitions", str(there.partitions), str(spec.partitions)))
        for key, value in topic_config(spec).items():
            now = there.config.get(key, "")
            if _normal(now) == _normal(value):
                continue
            (refused if key == "cleanup.policy" else alter).append((spec.name, key, now, value))
    return TopicPlan(tuple(create), tuple(alter), tuple(refused))


async def check_topics(settings: Settings, specs: Iterable[TopicSpec] = topics.ALL) -> TopicPlan:
    """Return what differs on the cluster, changing nothing.

    Raises:
        BrokerError: the cluster cannot be reached.
    """
    wanted = wanted_topics(settings, specs)
    async with _admin(settings) as admin:
        return plan_topics(wanted, await _find(admin, wanted))


async def create_topics(settings: Settings, specs: Iterable[TopicSpec] = topics.ALL) -> TopicPlan:
    """Create what is missing, set right what may be, and return what was done; the second time that is nothing.

    Raises:
        TopicMismatchError: a topic has other partitions or another cleanup; nothing was changed.
        BrokerError: the cluster cannot be reached, or refuses.
    """
    wanted = wanted_topics(settings, specs)
    async with _admin(settings) as admin:
        found = await _find(admin, wanted)
        plan = plan_topics(wanted, found)
        # A topic just made by another worker may not show yet; the controller itself, asked for a dry run, knows.
        if there := await _create(admin, plan.create, settings.kafka.replication_factor, dry_run=True):
            await _settle(admin, [spec for spec in wanted if spec.name in there])
            found = await _find(admin, wanted)
            plan = plan_topics(wanted, found)
        if plan.refused:
            raise _mismatch(plan)
        await _create(admin, plan.create, settings.kafka.replication_factor)
        await _alter(admin, plan, found)
        if not plan.is_empty:
            await _settle(admin, wanted, altered=True)
        if plan.create:
            await _await_leaders(settings, plan.create)
    return plan


def ensure_topics(settings: Settings, specs: Iterable[TopicSpec] = topics.ALL) -> TopicPlan:
    """``create_topics`` for callers without an event loop."""
    return asyncio.run(create_topics(settings, specs))


def _mismatch(plan: TopicPlan) -> TopicMismatchError:
    lines = [f"  {name}: {key} is {now}, should be {value}" for name, key, now, value in plan.refused]
    return TopicMismatchError(
        "the cluster has topics that are not as they should be; nothing was changed\n" + "\n".join(lines),
        hint="Use another kafka.prefix, or delete those topics if their messages may go.",
    )


def _normal(value: str) -> str:
    return ",".join(sorted(part.strip() for part in value.split(",")))


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[Any]:
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    from monitor.kafka import client_options

    options = client_options(settings)
    where = ",".join(options["bootstrap_servers"])
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        try:
            await admin.start()
        except (KafkaError, OSError) as error:
            raise BrokerError(
                f"cannot reach the Kafka cluster at {where}: {error}",
                hint="Is it running, and are kafka.broker and the security settings right?",
            ) from error
        yield admin
    except KafkaError as error:
        raise BrokerError(f"the Kafka cluster at {where} refuses: {error}") from error
    finally:
        await admin.close()


async def _find(admin: Any, wanted: list[TopicSpec]) -> dict[str, FoundTopic]:
    from aiokafka.admin.config_resource import ConfigResource

    names = {spec.name for spec in wanted}
    # Asked for all, not by name: some clusters create a topic that is asked for by name.
    partitions = {
        topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics() if topic["topic"] in names
    }
    if not partitions:
        return {}
    found = {}
    for response in await admin.describe_configs([ConfigResource(TOPIC_RESOURCE, name) for name in sorted(partitions)]):
        for _code, _message, _type, name, entries in response.resources:
            config = {entry[0]: entry[1] for entry in entries}
            own = {entry[0]: entry[1] for entry in entries if entry[3] == DYNAMIC_TOPIC_CONFIG}
            found[name] = FoundTopic(partitions[name], config, own)
    return found


async def _create(admin: Any, specs: tuple[TopicSpec, ...], replication: int, *, dry_run: bool = False) -> set[str]:
    """Create topics; return the names of those that somebody else has made since we looked."""
    from aiokafka.admin import NewTopic

    if not specs:
        return set()
    new = [NewTopic(spec.name, spec.partitions, replication, topic_configs=topic_config(spec)) for spec in specs]
    response = await admin.create_topics(new, validate_only=dry_run)
    for name, code, *rest in response.topic_errors:
        if code not in (0, TOPIC_ALREADY_EXISTS):
            raise BrokerError(f"the cluster does not create {name}: {rest[0] if rest else f'error {code}'}")
    return {name for name, code, *_ in response.topic_errors if code == TOPIC_ALREADY_EXISTS}


async def _alter(admin: Any, plan: TopicPlan, found: Mapping[str, FoundTopic]) -> None:
    from aiokafka.admin.config_resource import ConfigResource

    names = {name for name, *_ in plan.alter}
    resources = []
    for name in sorted(names):
        # This request replaces all that is set on a topic: what others have set goes along.
        changes = {key: value for topic, key, _, value in plan.alter if topic == name}
        resources.append(ConfigResource(TOPIC_RESOURCE, name, {**found[name].own, **changes}))
    if not resources:
        return
    for response in await admin.alter_configs(resources):
        for code, message, _type, name in response.resources:
            if code:
                raise BrokerError(f"the cluster does not change {name}: {message}")


async def _settle(admin: Any, wanted: list[TopicSpec], *, altered: bool = False) -> None:
    """Wait until the topics are there (and as they were ``altered`` to be): the cluster tells its nodes one by one."""
    until = time.monotonic() + VISIBLE_S
    while time.monotonic() < until:
        plan = plan_topics(wanted, await _find(admin, wanted))
        if plan.refused:  # somebody else made it otherwise since we looked
            raise _mismatch(plan)
        if not plan.create and not (altered and plan.alter):
            return
        await asyncio.sleep(POLL_S)
    raise BrokerError(f"the cluster does not show the topics as they were made after {VISIBLE_S:.0f} s")


async def _await_leaders(settings: Settings, specs: tuple[TopicSpec, ...]) -> None:
    """Wait until each partition answers: a topic is listed a second or two before its logs are there."""
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.errors import KafkaError

    from monitor.kafka import client_options

    partitions = [TopicPartition(spec.name, number) for spec in specs for number in range(spec.partitions)]
    try:
        async with AIOKafkaConsumer(**client_options(settings), request_timeout_ms=REQUEST_TIMEOUT_MS) as consumer:
            await consumer.end_offsets(partitions)
    except KafkaError as error:
        raise BrokerError(f"the cluster does not serve the new topics: {error}") from error
