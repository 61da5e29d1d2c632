"""Markup as plain text: entities decoded once, paragraphs parted by blank lines, scripts and styles left out."""

from __future__ import annotations

import html.entities
import re

__all__ = ["one_line", "plain_text"]

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot",
    "thead", "tr", "ul",
))  # fmt: skip
_SILENT = ("script", "style", "noscript", "template", "iframe", "svg", "math", "head", "object", "select", "textarea")
_CELLS = frozenset(("td", "th"))

_SILENT_ELEMENT = re.compile(rf"<({'|'.join(_SILENT)})\b[^<>]{{0,4000}}>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[!?][^<>]*>", re.DOTALL)
_TAG = re.compile(r"""</?([A-Za-z][A-Za-z0-9:_-]{0,40})((?>(?:[^<>"']|"[^"]{0,4000}"|'[^']{0,4000}')*))\s*/?>""")
_LOOSE_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:_-]{0,40})([^<>]*)>")

_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPED_TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|a|div|span|img|ul|ol|li|h[1-6]|blockquote|figure)\b[^<>]*/?>", re.IGNORECASE
)
_WINDOWS_1252 = {
    number: bytes([number]).decode("windows-1252")
    for number in range(128, 160)
    if number not in (129, 141, 143, 144, 157)
}
"""What numeric references in the range of C1 controls stand for (HTML Standard, 13.2.5.80)."""

_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters and soft hyphens; the marks of right-to-left text (U+200E, U+200F, U+202A to U+202E) stay."""


def plain_text(text: str, *, markup: bool = True) -> str:
    """Return ``text`` without tags, its entities decoded, paragraphs parted by one blank line.

    Entities are decoded once, and what was escaped twice by its producer (``&amp;amp;``, ``&lt;p&gt;`` in markup) once
    more, so that no entity and no common tag is left in sight. With ``markup`` false, only what is plainly an entity
    or a common tag is taken for one: ``a < b`` stays.
    """
    if text.isprintable() and "<" not in text and "&" not in text:
        return " ".join(text.split())
    if markup:
        text = _unescape(_strip(text))
    elif _ENTITY.search(text):
        text = _unescape(text)
    if "<" in text and _ESCAPED_TAG.search(text):
        text = _unescape(_strip(text))
    if "&" in text and _ENTITY.search(text):
        text = _unescape(text)
    return _paragraphs(text)


def one_line(text: str, *, markup: bool = False) -> str:
    """Return ``text`` as :func:`plain_text` does, on one line: titles and names."""
    return " ".join(plain_text(text, markup=markup).split())


def _strip(text: str) -> str:
    if "<" not in text:
        # Without a tag nothing tells paragraphs apart but the blank lines that the writer put.
        return text
    text = _COMMENT.sub("", _SILENT_ELEMENT.sub(" ", text))
    # Line breaks of the source are spaces in HTML; those of the text come from tags alone.
    keep = "<pre" in text or not re.search(r"<(?:p|br|div|li|h[1-6]|tr)\b", text, re.IGNORECASE)
    text = text if keep else text.replace("\n", " ").replace("\r", " ")
    return _LOOSE_TAG.sub(_break, _TAG.sub(_break, text))


def _break(tag: re.Match[str]) -> str:
    name = tag.group(1).lower()
    if name == "br":
        return "\n"
    if name in _CELLS:
        return " "
    return "\n\n" if name in _BLOCKS else ""


def _unescape(text: str) -> str:
    return _ENTITY.sub(_character, text)


def _character(reference: re.Match[str]) -> str:
    name = reference.group(1)
    if not name.startswith("#"):
        return html.entities.html5.get(f"{name};", reference.group())
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    if number in _WINDOWS_1252:
        return _WINDOWS_1252[number]
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def _paragraphs(text: str) -> str:
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _BREAKS.sub("\n", _SPACES.sub(" ", text))
    # Two line breaks part paragraphs; a single one is kept, as from <br>.
    return "\n\n".join(part.strip() for part in re.split(r"\n{2,}", text) if part.strip())
