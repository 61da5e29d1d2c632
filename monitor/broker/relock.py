"""Write ``jars.lock.toml`` anew: ``python -m monitor.broker.relock [KAFKA_VERSION]``. For maintainers, on an upgrade.

Apache Kafka's own POM names every jar but one: a provider for SLF4J 1.7, without which its logs go nowhere. The one of
Log4j is added, at the version of Log4j that Kafka asks for.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from monitor.broker.jars import KAFKA, LOCK_FILE, kafka_version, read_lock

__all__ = ["main"]

LOG4J = "org.apache.logging.log4j"
SLF4J_PROVIDER = "log4j-slf4j-impl"


def main(version: str) -> None:
    """Resolve Apache Kafka ``version`` with all it needs, and write the lock file."""
    from jgo.env._lockfile import LockedDependency, LockFile
    from jgo.maven import MavenContext
    from jgo.parse import Coordinate

    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), local_repos=[])
        root = context.create_dependency(replace(Coordinate.parse(":".join((*KAFKA, version))), scope="compile"))
        inputs, rest = context.resolver.resolve([root])
        found = [dep for dep in (*inputs, *rest) if dep.scope in ("compile", "runtime")]
        log4j = next(dep.version for dep in found if (dep.groupId, dep.artifactId) == (LOG4J, "log4j-core"))
        provider = Coordinate.parse(f"{LOG4J}:{SLF4J_PROVIDER}:{log4j}")
        found.append(context.create_dependency(replace(provider, scope="runtime")))
        found.sort(key=lambda dep: (dep.groupId, dep.artifactId))
        LockFile(
            [LockedDependency.from_dependency(dep) for dep in found], environment_name="kafka", min_java_version=17
        ).save(LOCK_FILE)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else kafka_version(read_lock()))
