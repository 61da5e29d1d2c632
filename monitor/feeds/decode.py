"""The bytes of a feed as text: which encoding they are in, and what no XML parser takes removed."""

from __future__ import annotations

import codecs
import re
from email.message import Message as Header

__all__ = ["charset_of", "decode", "looks_binary", "mend_references"]

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DECLARED_TEXT = re.compile(r"""^(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*["'][^"'>]{0,60}["']""")

_BOMS = (
    # The longer first: the mark of UTF-32 LE begins with that of UTF-16 LE.
    (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
)  # fmt: skip

_SIGNATURES = (
    # "<?xm" in encodings that are no superset of ASCII (XML 1.0, appendix F).
    (b"\x00\x00\x00<", "utf-32-be"), (b"<\x00\x00\x00", "utf-32-le"), (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"), (b"\x4c\x6f\xa7\x94", "cp037"),
)  # fmt: skip

_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "windows-1252", "latin-1": "windows-1252",
              "us-ascii": "windows-1252", "ascii": "windows-1252", "iso-8859-9": "windows-1254",
              "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "tis-620": "cp874"}  # fmt: skip
"""Encodings by which servers mean a larger one (WHATWG Encoding Standard, "Names and labels")."""

_GUESSES = ("utf-8", "windows-1252", "iso-8859-1")

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What is no character of XML 1.0 (production 2)."""

_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9A-Fa-f]{1,6})|0*([0-9]{1,7}));")

_BINARY = (b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"%PDF-", b"\x1f\x8b", b"MZ", b"OggS",
           b"ID3", b"RIFF", b"BM", b"7z\xbc\xaf", b"Rar!")  # fmt: skip

_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\x0b\x0c\r")
_SAMPLE = 4096
"""Bytes looked at to tell text from binary."""


def charset_of(content_type: str | None) -> str | None:
    """Return the ``charset`` of a Content-Type header in lower case, None where it names none (RFC 9110, 8.3)."""
    if not content_type:
        return None
    header = Header()
    header["Content-Type"] = content_type.replace("\n", " ").replace("\r", " ")
    charset = header.get_content_charset()
    return charset.strip(" \"'") or None if charset else None


def looks_binary(body: bytes) -> bool:
    """Say whether ``body`` is no text in any encoding: an image, an archive, or full of control bytes."""
    head = body[:_SAMPLE]
    if head.startswith(_BINARY):
        return True
    if _signature(head) is not None:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(8, len(head) // 20)


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Return ``body`` as text and the encoding that it is in.

    The header's charset is tried first, then the XML declaration, the byte order mark, and the content itself (UTF-8,
    then a guess). One exception: a header or declaration of a one-byte encoding, under which anything decodes, loses to
    bytes that are valid UTF-8 beyond ASCII, because text in another encoding is practically never that. The XML
    declaration of the text names no encoding any more; characters that XML forbids are gone.
    """
    for encoding in _candidates(body, charset_of(content_type)):
        text = _try(body, encoding)
        if text is not None:
            return _fit(text), encoding
    return _fit(body.decode("utf-8", "replace")), "utf-8"


def mend_references(text: str) -> str:
    """Return XML without references to characters that it forbids, such as ``&#8;``, which end every XML parser."""
    return _REFERENCE.sub(_mended, text) if "&#" in text else text


def _mended(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    if number > 0x10FFFF:
        return "\ufffd"
    return "" if _UNFIT.match(chr(number)) else reference[0]


def _candidates(body: bytes, header: str | None) -> list[str]:
    mark = _signature(body)
    declared = _declared(body, mark)
    named = [_superset(name) for name in (header, declared) if name]
    if mark and mark.startswith(("utf-16", "utf-32")):
        # Nothing else can have written these bytes, whatever a header says.
        named.insert(0, mark)
    elif named and _is_utf8(body):
        named.insert(0, "utf-8")
    return list(dict.fromkeys([*named, *([mark] if mark else []), *_by_content(body), *_GUESSES]))


def _signature(body: bytes) -> str | None:
    for prefix, encoding in (*_BOMS, *_SIGNATURES):
        if body.startswith(prefix):
            return encoding
    return None


def _declared(body: bytes, mark: str | None) -> str | None:
    head = body[:1024]
    if mark:
        head = head[: len(head) // 4 * 4].decode(mark, "ignore").lstrip("\ufeff").encode("ascii", "ignore")
    found = _DECLARED.match(head)
    if not found:
        return None
    name = found.group(1).decode("ascii").lower()
    wide = name.replace("_", "-").startswith(("utf-16", "utf16", "utf-32", "utf32", "iso-10646-ucs", "ucs-", "u16"))
    # A declaration that can be read byte by byte is not in the wide encoding that it claims.
    return mark if wide else name


def _superset(name: str) -> str:
    return _SUPERSETS.get(name, name)


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _by_content(body: bytes) -> list[str]:
    if body.isascii() or _is_utf8(body):
        return ["utf-8"]
    from charset_normalizer import from_bytes  # slow to import and seldom needed

    best = from_bytes(body[: 64 * 1024]).best()
    return [best.encoding] if best is not None else []


def _try(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _fit(text: str) -> str:
    text = _UNFIT.sub("", text.lstrip("\ufeff\u200b \t\r\n"))
    return _DECLARED_TEXT.sub(r"\1", text, count=1)
