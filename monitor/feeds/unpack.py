"""Bodies unpacked as they come in, with a cap on what comes out: a bomb is cut off, never held in memory."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["ACCEPT_ENCODING", "DamagedError", "TooLargeError", "Unpacker", "unpacker"]

_STEP = 256 * 1024
"""Bytes that come out at once."""
_ZSTD_WINDOW_LOG = 23
"""Base-2 logarithm of the largest window of a zstd body: 8 MB, what RFC 9659 bounds it to on the Web."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class DamagedError(Exception):
    """The body is not what its Content-Encoding says; the message says in what way."""


class TooLargeError(Exception):
    """More bytes came out than ``limit``."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"is larger than {limit} bytes")
        self.limit = limit


class _Decoder(Protocol):
    """One content coding: takes bytes, gives at most ``limit`` of what they hold, keeps the rest for the next call."""

    def decode(self, data: bytes, limit: int) -> bytes: ...

    @property
    def pending(self) -> bool: ...

    @property
    def complete(self) -> bool: ...


class _Zlib:
    """gzip (RFC 1952), zlib (RFC 1950), and raw deflate (RFC 1951), which some servers send under its name."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        self._head: bytes | None = b""  # what has come in before anything came out
        self._rest = b""

    def decode(self, data: bytes, limit: int) -> bytes:
        if self._head is not None:
            self._head += data
        data = self._rest + data
        if self._inner.eof:
            # Another member of the same gzip file, or padding after the end.
            if not data.startswith(b"\x1f\x8b"):
                self._rest = b""
                return b""
            self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            out = self._inner.decompress(data, limit)
        except zlib.error:
            if self._head is None:
                raise
            self._inner = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
            data, self._head = self._head, None
            out = self._inner.decompress(data, limit)
        if out:
            self._head = None
        self._rest = self._inner.unconsumed_tail or (self._inner.unused_data if self._inner.eof else b"")
        return out

    @property
    def pending(self) -> bool:
        return bool(self._rest)

    @property
    def complete(self) -> bool:
        return self._inner.eof


class _Zstd:
    """Zstandard (RFC 8878), where the standard library has it (Python 3.14) or ``backports.zstd`` is installed."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._inner = self._new()
        self._rest = b""

    def _new(self) -> Any:
        bounds = {self._module.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        return self._module.ZstdDecompressor(options=bounds)

    def decode(self, data: bytes, limit: int) -> bytes:
        data, self._rest = self._rest + data, b""
        if self._inner.eof:
            # Another frame of the same body (RFC 8878, 3.1), or padding after the end.
            if not data.startswith(_ZSTD_MAGIC):
                self._rest = data if _ZSTD_MAGIC.startswith(data) else b""
                return b""
            self._inner = self._new()
        out = bytes(self._inner.decompress(data, limit))
        if self._inner.eof:
            self._rest = self._inner.unused_data
        return out

    @property
    def pending(self) -> bool:
        if self._inner.eof:
            return self._rest.startswith(_ZSTD_MAGIC)
        return not self._inner.needs_input

    @property
    def complete(self) -> bool:
        return bool(self._inner.eof)


class _Brotli:
    """Brotli (RFC 7932), where its library bounds what comes out of one call (1.2)."""

    def __init__(self, module: Any) -> None:
        self._inner = module.Decompressor()
        self._rest = b""

    def decode(self, data: bytes, limit: int) -> bytes:
        data = self._rest + data
        if self._inner.is_finished():
            self._rest = b""
            return b""
        if not self._inner.can_accept_more_data():
            # It takes nothing new before all that it holds has come out.
            self._rest = data
            return bytes(self._inner.process(b"", output_buffer_limit=limit))
        self._rest = b""
        return bytes(self._inner.process(data, output_buffer_limit=limit))

    @property
    def pending(self) -> bool:
        return not self._inner.is_finished() and (bool(self._rest) or not self._inner.can_accept_more_data())

    @property
    def complete(self) -> bool:
        return bool(self._inner.is_finished())


def _find(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_CODINGS: dict[str, Callable[[], _Decoder]] = {"gzip": _Zlib, "x-gzip": _Zlib, "deflate": _Zlib}
_DAMAGED: tuple[type[Exception], ...] = (zlib.error,)
_brotli = _find("brotli")
if hasattr(getattr(_brotli, "Decompressor", None), "can_accept_more_data"):
    _CODINGS["br"] = lambda: _Brotli(_brotli)
    _DAMAGED += (_brotli.error,)
_zstd = _find("compression.zstd") or _find("backports.zstd")
if _zstd is not None:
    _CODINGS["zstd"] = lambda: _Zstd(_zstd)
    _DAMAGED += (_zstd.ZstdError,)

ACCEPT_ENCODING = ", ".join(name for name in _CODINGS if not name.startswith("x-"))
"""What we can unpack with a cap, for the Accept-Encoding header."""


class Unpacker:
    """Unpacks a body piece by piece; ``feed`` raises when more than ``limit`` bytes have come out or it is damaged."""

    def __init__(self, codings: tuple[str, ...], limit: int) -> None:
        # The codings are listed in the order in which they were put on (RFC 9110, 8.4).
        self._decoders = [_CODINGS[name]() for name in reversed(codings)]
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._taken = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body.

        Raises:
            TooLargeError: more than the limit came out.
            DamagedError: they are not what the header says.
        """
        self._taken = self._taken or bool(data)
        try:
            self._push(data, 0)
        except _DAMAGED as error:
            raise DamagedError(str(error)) from error

    def _push(self, data: bytes, level: int) -> None:
        if level == len(self._decoders):
            self._size += len(data)
            if self._size > self._limit:
                self._parts.clear()
                raise TooLargeError(self._limit)
            self._parts.append(data)
            return
        decoder = self._decoders[level]
        while True:
            out = decoder.decode(data, _STEP)
            if out:
                self._push(out, level + 1)
            if not out and not decoder.pending:
                return
            if not out and len(data) == 0:
                return
            data = b""

    def finish(self) -> bytes:
        """Return all that came out.

        Raises:
            DamagedError: the body ends before its compression does.
        """
        if self._taken and not all(decoder.complete for decoder in self._decoders):
            raise DamagedError("it ends too early")
        return b"".join(self._parts)


def unpacker(content_encoding: str, limit: int) -> Unpacker | None:
    """Return an unpacker for a Content-Encoding header, None where it names a coding that we cannot unpack."""
    names = tuple(
        name for part in content_encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")
    )
    if len(names) > 2 or any(name not in _CODINGS for name in names):
        return None
    return Unpacker(names, limit)
