"""Which item is which: canonical URLs, sites, names of an item, article ids and content hashes. Pure."""

from __future__ import annotations

import re
import string
import unicodedata
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from monitor.ids import stable_id

__all__ = [
    "article_id",
    "canonical_url",
    "content_hash",
    "is_article_url",
    "is_common",
    "is_url",
    "names_of",
    "normalise",
    "similar",
    "site_of",
]

_TRACKING = frozenset((
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "igshid",
    "igsh", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "ref_src", "ref_url", "cmpid", "cmp", "ocid",
    "ncid", "xtor", "smid", "smtyp", "icid", "ito", "ftag", "feedtype", "feedname", "rss",
    "rssfeed", "source_feed", "wt_mc", "wt_zmc", "at_medium", "at_campaign", "at_custom1", "at_custom2",
    "at_custom3", "at_custom4", "at_link_origin", "at_link_id", "at_link_type", "at_format", "at_ptr_name",
    "at_bbc_team", "traffic_source", "sr_share", "share", "from_rss", "spm", "_ga", "_gl", "oly_enc_id",
    "oly_anon_id", "vero_id", "__twitter_impression", "guccounter", "guce_referrer", "guce_referrer_sig",
    "soc_src", "soc_trk", "output_type", "taid", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname",
    "ns_fee",
))  # fmt: skip
"""Parameters that say where a reader came from, never what is shown. ``ref``, ``cid`` and the
like may do either: they stay, because two articles taken for one are worse than one taken for two."""
_TRACKING_PREFIX = ("utm_", "pk_", "mtm_", "matomo_", "hsa_", "fb_action_", "__hs", "at_")
_TRACKING_VALUE = {
    "source": {"rss", "feed", "atom"},
    "ref": {"rss", "feed"},
    "output": {"amp"},
    "amp": {"1", "", "true"},
    "outputtype": {"amp"},
    "medium": {"rss", "feed"},
    "feed": {"rss", "atom"},
    "m": {"1"},
    "partner": {"rss", "rssnyt", "rssuserland"},
}

_TWIN_HOSTS = re.compile(r"^(?:www\d?|m|mobile|amp|touch|edition\.m|wap)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"(?:^/amp(?=/)|/amp/?$|\.amp(?=\.html?$|$)|(?<=/)amp/(?=[^/]+$))")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$")
_PORTS = {"http": 80, "https": 443}

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_SAFE = "/:@!$&'()*+,;=~-._"

_NOISE: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    # What changes at each fetch, each with words without which it need not be looked for; all in lower case.
    (("://", "www."), re.compile(r"\b(?:https?://|www\.)\S+")),
    ((" ago",), re.compile(r"\b\d+\s*(?:sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|[smhd])\s+ago\b")),
    (
        # Alone at the end of a line or between separators: "passed by 312 votes" is no counter.
        ("comment", "repl", "share", "like", "view", "read", "vote", "point"),
        re.compile(
            r"(?:^|(?<=[.!?|•·()\]…\"”]))\s*\d[\d.,]*\s?[km]?\s*"
            r"(?:comments?|replies|reply|shares?|likes?|views?|reads?|votes?|points?|min(?:ute)?s? read)"
            r"\s*(?=$|[|•·()\n])"
            r"|\b(?:comments?|shares?|likes?|views?)\s*[:(]\s*\d[\d.,]*\)?",
            re.MULTILINE,
        ),
    ),
    (
        ("advertisement", "sponsored content", "continue reading", "read more", "appeared first on"),
        re.compile(
            r"\b(?:advertisement|sponsored content|continue reading\S*|read more"
            r"|the post .{1,300}? appeared first on .{1,100})\s*$",
            re.MULTILINE,
        ),
    ),
)
_WORDS = re.compile(r"\w+(?:[.,:]\d+)*|[?%$€£]")

_COMMON_GUID = 8
"""Guids of fewer characters, or of digits alone, are counted up by many sites at once: they name an item only together
with a likeness of title or URL."""


def is_url(text: str | None) -> bool:
    """Say whether ``text`` is an absolute http or https URL with a host."""
    if not text or not text[:8].lower().startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(text.strip()).hostname)
    except ValueError:
        return False


def is_article_url(url: str) -> bool:
    """Say whether an address names one article by its form: a number of four digits or a slug of several words."""
    last = urlsplit(url.removeprefix("u:")).path.rstrip("/").rpartition("/")[2]
    return bool(re.search(r"\d{4,}", last)) or len(re.findall(r"[-_]", last)) >= 3


def canonical_url(url: str | None) -> str | None:
    """Return the one form of an article's address, None where ``url`` is no http or https URL.

    Scheme and host in lower case, ``www.``, mobile and AMP twins folded, default port, fragment, tracking parameters
    and ``index.html`` dropped, escapes normalised (RFC 3986, 6.2.2), parameters sorted. It is for comparing; to
    open the page, take the address that the feed gives.
    """
    url = re.sub(r"[\t\r\n]", "", (url or "").strip())
    if not is_url(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    host = _ascii(host.rstrip("."))
    bare = _TWIN_HOSTS.sub("", host)
    path = _AMP_PATH.sub("", _escapes(parts.path))
    path = _INDEX.sub("/", path) or "/"
    path = path.rstrip("/") or "/"
    netloc = bare if port is None or port == _PORTS.get(parts.scheme.lower()) else f"{bare}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, path, _query(parts.query), ""))


def site_of(url: str | None) -> str | None:
    """Return the host of ``url`` without ``www.`` and mobile or AMP prefixes, with a port that is not the default."""
    canonical = canonical_url(url)
    return urlsplit(canonical).netloc if canonical else None


def names_of(feed_id: str, site: str, guid: str | None, url: str | None) -> tuple[str, ...]:
    """Return the names by which an item is known, the best first; ``url`` is its canonical URL.

    A guid names an item within its feed and, where it is no mere number, within its site; a URL names it anywhere,
    whatever its scheme, unless it is a home page. A guid that is a URL is folded as one.
    """
    names: list[str] = []
    if guid:
        folded = canonical_url(guid)
        if folded and not _is_home(folded):
            names.append(_url_name(folded))
        elif not is_common(guid):
            names.append(f"g:{site}:{guid}")
        names.append(f"f:{feed_id}:{guid}")
    if url and not _is_home(url):
        names.append(_url_name(url))
    return tuple(dict.fromkeys(names))


def article_id(feed_id: str, site: str, guid: str | None, url: str | None, title: str) -> str:
    """Return the id of an item at first sight: of its site and its guid, else its canonical URL, else its title.

    A guid that is a mere number, or a URL that is a home page, is told apart by the other one.
    """
    if guid and (folded := canonical_url(guid)) and not _is_home(folded):
        return stable_id("article", site, _url_name(folded))
    if guid and not is_common(guid):
        return stable_id("article", site, guid)
    if url and not _is_home(url):
        return stable_id("article", site, _url_name(url))
    return stable_id("article", site, feed_id, guid or "", normalise(title))


def normalise(text: str) -> str:
    """Return the words of ``text`` without what changes at each fetch: counters, "5 minutes ago", addresses, case."""
    text = unicodedata.normalize("NFKC", text).casefold()
    for signs, noise in _NOISE:
        if any(sign in text for sign in signs):
            text = noise.sub(" ", text)
    return " ".join(_WORDS.findall(text))


def content_hash(title: str, text: str) -> str:
    """Return the hash of the normalised title and text: another one means a new revision."""
    return stable_id("hash", normalise(title), normalise(text))


def similar(a: str, b: str) -> bool:
    """Say whether two titles share at least two thirds of the words of the shorter; an empty title is like any."""
    first, second = set(normalise(a).split()), set(normalise(b).split())
    if not first or not second:
        return True
    return 3 * len(first & second) >= 2 * min(len(first), len(second))


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _escapes(text: str, also: str = "") -> str:
    """Return ``text`` with its escapes in one form: only what needs one has one, in capitals (RFC 3986, 6.2.2.2)."""
    escaped = quote(text, safe=_SAFE + "%" + also, errors="surrogatepass")
    return _ESCAPE.sub(_escape, re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", escaped))


def _escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _query(query: str) -> str:
    if not query:
        return ""
    kept = []
    for pair in query.replace("&amp;", "&").split("&"):
        name, _, value = pair.partition("=")
        if pair and not _is_tracking(unquote(name).lower(), unquote(value).lower()):
            kept.append(_escapes(pair, "?"))
    return "&".join(sorted(kept))


def _is_tracking(name: str, value: str) -> bool:
    return name in _TRACKING or name.startswith(_TRACKING_PREFIX) or value in _TRACKING_VALUE.get(name, ())


def _is_home(url: str) -> bool:
    # By hand: this is asked of every name of every item, and takes a tenth of the time of urlsplit.
    _, slash, rest = url.partition("://")[2].partition("/")
    return not rest and (bool(slash) or "?" not in url)


def is_common(guid: str) -> bool:
    """Say whether a guid is so short, or a mere number, that other sites and feeds have it too."""
    return len(guid) < _COMMON_GUID or guid.isdigit()


def _url_name(url: str) -> str:
    return "u:" + url.split("://", 1)[1]
