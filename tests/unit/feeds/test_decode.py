import pytest

from monitor.feeds.decode import charset_of, decode, looks_binary, mend_references

RUSSIAN = "В Москве опровергли сообщения о переброске войск, заявил представитель Кремля."
FRENCH = "Le ministère a démenti l'arrivée de l'armée à Alep."


def xml(text: str, encoding: str | None) -> str:
    """Return a feed whose declaration names ``encoding``."""
    declared = f" encoding='{encoding}'" if encoding else ""
    return f"<?xml version='1.0'{declared}?><rss><channel><title>{text}</title></channel></rss>"


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/xml; charset=UTF-8", "utf-8"),
        ('application/rss+xml; charset="windows-1251"', "windows-1251"),
        ("text/xml", None),
        ("", None),
        (None, None),
        ("text/xml; charset=", None),
        ("nonsense;;;charset=koi8-r", "koi8-r"),
    ],
)
def test_charset_of_a_header(content_type: str | None, expected: str | None) -> None:
    """The charset of a Content-Type header is found however it is written, and None where there is none."""
    assert charset_of(content_type) == expected


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "iso-8859-5", "utf-8", "utf-16-le", "utf-16-be"])
def test_the_header_goes_before_the_declaration(encoding: str) -> None:
    """Text in the encoding of the header is read right though the declaration names another."""
    body = xml(RUSSIAN, "iso-8859-1").encode(encoding)
    assert RUSSIAN in decode(body, f"text/xml; charset={encoding}")[0]


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "iso-8859-5", "utf-8"])
def test_the_declaration_is_used_without_a_header(encoding: str) -> None:
    """Without a charset in the header the XML declaration decides."""
    assert RUSSIAN in decode(xml(RUSSIAN, encoding).encode(encoding), "text/xml")[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_the_byte_order_mark_is_used_without_either(encoding: str) -> None:
    """A byte order mark alone tells the encoding, and is no part of the text."""
    text, _ = decode(xml(RUSSIAN, None).encode(encoding))
    assert text.startswith("<?xml")
    assert RUSSIAN in text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark(encoding: str) -> None:
    """Wide encodings without a byte order mark are told by their first characters."""
    assert RUSSIAN in decode(xml(RUSSIAN, encoding.rpartition("-")[0]).encode(encoding))[0]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_the_content_decides_where_nothing_is_said(encoding: str) -> None:
    """Without header, declaration and mark the bytes themselves are looked at."""
    assert RUSSIAN in decode(xml(RUSSIAN * 10, None).encode(encoding))[0]


def test_utf8_under_the_header_of_a_one_byte_encoding() -> None:
    """A server's default charset does not break a feed that is valid UTF-8."""
    assert FRENCH in decode(xml(FRENCH, "utf-8").encode(), "text/xml; charset=ISO-8859-1")[0]


def test_latin1_declared_as_utf8() -> None:
    """Bytes that are not the declared UTF-8 are read in what they are."""
    assert FRENCH in decode(xml(FRENCH, "utf-8").encode("latin-1"))[0]


def test_windows_quotes_under_the_name_of_latin1() -> None:
    """ISO-8859-1 is read as windows-1252, whose quotes and dashes people mean."""
    assert "“no”" in decode(xml("“no”", "iso-8859-1").encode("windows-1252"))[0]


@pytest.mark.parametrize("name", ["no-such-encoding", "x" * 39, "utf_8_sig_x", "hex", "rot13", "idna", "undefined"])
def test_unknown_encodings_are_passed_over(name: str) -> None:
    """A name that is no encoding of text is no error; the next source decides."""
    assert FRENCH in decode(xml(FRENCH, name).encode(), f"text/xml; charset={name}")[0]


def test_what_xml_forbids_is_removed() -> None:
    """Control characters, which end every XML parser, are taken out, and leading blanks before the declaration."""
    text, _ = decode(b"\r\n  \x00<?xml version='1.0'?><rss>a\x08b\x1fc\xef\xbf\xbf</rss>")
    assert text == "<?xml version='1.0'?><rss>abc</rss>"


def test_no_encoding_is_left_in_the_declaration() -> None:
    """The text, which is no bytes any more, does not claim an encoding."""
    assert "encoding" not in decode(xml("x", "koi8-r").encode())[0]


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(range(256)) * 4, b"PK\x03\x04" + b"a" * 99])
def test_binary_is_told(body: bytes) -> None:
    """Images, archives and bytes at random are no text."""
    assert looks_binary(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32-be", "windows-1251", "shift_jis"])
def test_text_is_no_binary(encoding: str) -> None:
    """Feeds in any encoding are text."""
    assert not looks_binary(xml("ニュース" if encoding == "shift_jis" else RUSSIAN, None).encode(encoding))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a&#8;b&#x1F;c", "abc"),
        ("&#xD800;", ""),
        ("&#99999999;&#x110000;", "&#99999999;\ufffd"),
        ("&#233;&#10;", "&#233;&#10;"),
    ],
)
def test_references_to_what_is_no_character(text: str, expected: str) -> None:
    """References to characters that XML forbids are removed; all others stay."""
    assert mend_references(text) == expected
