from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rocksdict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.stream.store import OFFSET_KEY, Changes, PartitionStore


def _database(path: Path) -> Any:
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    return rocksdict.Rdict(str(path), options)


@pytest.fixture
def database(tmp_path: Path) -> Any:
    """A RocksDB as Faust opens it."""
    return _database(tmp_path / "db")


def _store(database: Any) -> PartitionStore:
    return PartitionStore(lambda: database)


def test_what_is_written_is_read_back_at_each_step(database: Any) -> None:
    """Pending, under way to the changelog, and in the database: the value is the same."""
    store = _store(database)
    store["a"] = b"1"
    assert store["a"] == b"1"
    changes = store.commit()
    assert store["a"] == b"1"
    assert database.get(b"a") is None, "the database is never ahead of the changelog"
    store.land([changes], 7)
    assert store["a"] == b"1"
    assert database.get(b"a") == b"1"
    assert database.get(OFFSET_KEY) == b"7"


def test_a_later_change_under_way_is_not_undone_by_an_earlier_one(database: Any) -> None:
    """The first of two changes of a key lands: the second is still what is read."""
    store = _store(database)
    store["a"] = b"1"
    first = store.commit()
    store["a"] = b"2"
    second = store.commit()
    store.land([first], 0)
    assert store["a"] == b"2"
    store.land([second], 1)
    assert store["a"] == b"2"
    assert database.get(b"a") == b"2"


def test_what_is_discarded_was_never_there(database: Any) -> None:
    """A failed handler's writes and deletions vanish."""
    store = _store(database)
    store["a"] = b"1"
    store.land([store.commit()], 0)
    store["b"] = b"2"
    del store["a"]
    store.discard()
    assert dict(store) == {"a": b"1"}
    assert not store.changed


def test_a_deleted_key_is_gone_before_and_after_it_lands(database: Any) -> None:
    """Reading, iterating and deleting again say so."""
    store = _store(database)
    store["a"] = b"1"
    store.land([store.commit()], 0)
    del store["a"]
    assert "a" not in store
    assert list(store) == []
    with pytest.raises(KeyError):
        del store["a"]
    store.land([store.commit()], 1)
    assert "a" not in store


def test_faust_s_own_key_is_not_shown(database: Any) -> None:
    """The offset that Faust keeps in the database is no entry of the state."""
    database.put(OFFSET_KEY, b"12")
    store = _store(database)
    store["z"] = b"1"
    assert dict(store) == {"z": b"1"}
    assert len(store) == 1


def test_prefixed_gives_the_keys_of_a_prefix_in_order(database: Any) -> None:
    """Stored and pending ones, no others."""
    store = _store(database)
    for key in ("a|2", "b|1", "a|1"):
        store[key] = key.encode()
    store.land([store.commit()], 0)
    store["a|3"] = b"new"
    assert [key for key, _ in store.prefixed("a|")] == ["a|1", "a|2", "a|3"]


def test_a_closed_store_refuses(database: Any) -> None:
    """After the revocation neither reading nor writing works, and what lands late is dropped."""
    store = _store(database)
    store["a"] = b"1"
    changes = store.commit()
    store.close()
    store.land([changes], 3)
    assert database.get(b"a") is None
    for use in (lambda: store["a"], lambda: store.__setitem__("a", b"2"), lambda: list(store)):
        with pytest.raises(RuntimeError, match="taken away"):
            use()


_KEYS = st.sampled_from(["", "a", "aa", "b", "ключ", "z"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), _KEYS, st.binary(max_size=3)),
        st.tuples(st.just("delete"), _KEYS, st.just(b"")),
        st.tuples(st.just("commit"), st.just(""), st.just(b"")),
        st.tuples(st.just("land"), st.just(""), st.just(b"")),
        st.tuples(st.just("discard"), st.just(""), st.just(b"")),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_it_behaves_as_a_dictionary(database: Any, steps: list[tuple[str, str, bytes]]) -> None:
    """Whatever is written, committed, landed and discarded, and in whatever order, it shows what a dict would."""
    for key in list(database.keys()):
        database.delete(key)
    store, committed, pending = _store(database), {}, {}
    flying: list[Changes] = []
    offset = 0

    def delete(key: str) -> None:
        if key in pending:
            del store[key]
            del pending[key]

    for act, key, value in steps:
        if act == "set":
            store[key] = pending[key] = value
        elif act == "delete":
            delete(key)
        elif act == "commit":
            flying.append(store.commit())
            committed = dict(pending)
        elif act == "land" and flying:
            offset += 1
            store.land([flying.pop(0)], offset)
        elif act == "discard":
            store.discard()
            pending = dict(committed)
        assert dict(store.items()) == pending
        assert list(store) == sorted(pending, key=str.encode)
