from __future__ import annotations

import importlib
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from monitor.feeds.unpack import ACCEPT_ENCODING, DamagedError, TooLargeError, unpacker

brotli = importlib.import_module("brotli")
zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
BODY = b"".join(b"%d: a line that is not quite like the last one\n" % number for number in range(20_000))
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: zlib.compress(body, wbits=31),
    "deflate": zlib.compress,
    "br": lambda body: brotli.compress(body, quality=5),
    "zstd": zstd.compress,
}


def unpacked(coding: str, data: bytes, *, step: int, limit: int = 2**24) -> bytes:
    """Unpack ``data`` as it comes in, ``step`` bytes at a time."""
    target = unpacker(coding, limit)
    assert target is not None
    for start in range(0, len(data), step):
        target.feed(data[start : start + step])
    return target.finish()


def test_what_is_asked_for() -> None:
    """All four codings are asked for: the libraries that they need belong to the installation."""
    assert ACCEPT_ENCODING == "gzip, deflate, br, zstd"


@pytest.mark.parametrize("step", [1000, 65_536, 10**9])
@pytest.mark.parametrize("coding", PACK)
def test_a_body_in_pieces(coding: str, step: int) -> None:
    """However a body is cut on its way, the same bytes come out."""
    assert unpacked(coding, PACK[coding](BODY), step=step) == BODY


@pytest.mark.parametrize("coding", PACK)
def test_byte_by_byte(coding: str) -> None:
    """A body that comes one byte at a time is read as well."""
    assert unpacked(coding, PACK[coding](BODY[:5000]), step=1) == BODY[:5000]


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_members_and_padding(coding: str) -> None:
    """A body of two members is the two joined; padding after the last is passed over."""
    packed = PACK[coding](b"first ") + PACK[coding](b"second")
    assert unpacked(coding, packed + bytes(8), step=7) == b"first second"


def test_one_coding_over_another() -> None:
    """Codings are taken off in the order opposite to that in which they were put on."""
    assert unpacked("br, zstd", PACK["zstd"](PACK["br"](BODY)), step=1000) == BODY


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.parametrize("step", [16, 10**9])
def test_a_bomb_is_cut_off(coding: str, step: int) -> None:
    """A body that unpacks to 64 MB is refused at its limit, and never held, even where it comes in one piece."""
    packed = PACK[coding](bytes(64 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            unpacked(coding, packed, step=step, limit=2**20)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("outer", PACK)
@pytest.mark.parametrize("inner", PACK)
def test_a_bomb_in_a_bomb(outer: str, inner: str) -> None:
    """What unpacks to a bomb is cut off too."""
    packed = PACK[outer](PACK[inner](bytes(16 * 2**20)))
    with pytest.raises(TooLargeError):
        unpacked(f"{inner}, {outer}", packed, step=1000, limit=2**20)


def test_a_window_that_no_browser_would_take() -> None:
    """A zstd body that asks for a window of 128 MB to be unpacked is refused: memory is bounded from the first byte."""
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.compression_level: 1}
    packed = zstd.ZstdCompressor(options=options).compress(BODY, zstd.ZstdCompressor.FLUSH_BLOCK)
    with pytest.raises(DamagedError):
        unpacked("zstd", packed, step=10**9)


@pytest.mark.parametrize("coding", PACK)
def test_half_a_body_is_none(coding: str) -> None:
    """A body that ends too early is an error, wherever it ends."""
    packed = PACK[coding](BODY[:5000])
    for kept in range(1, len(packed), 7):
        with pytest.raises(DamagedError):
            unpacked(coding, packed[:kept], step=64)
