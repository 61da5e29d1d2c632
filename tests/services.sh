#!/bin/sh
# What some tests talk to besides Kafka: a browser and a database server. Installed where that can be done without
# asking (root on Debian or Ubuntu); elsewhere their tests skip and say why, and fail where CI is set.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing $missing for the tests"
    export DEBIAN_FRONTEND=noninteractive
    # The server package would start a cluster of its own; the tests start one each.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "without $missing some tests are skipped; on Debian or Ubuntu: apt-get install $missing"
fi
