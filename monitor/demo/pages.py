"""The sample articles as web pages, with navigation, share links and adverts around them as real ones have. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from string import Template
from typing import Final

from monitor.demo.corpus import Outlet, SampleArticle
from monitor.demo.feeds import page_url

__all__ = ["render_home", "render_page"]

RELATED: Final = 4
"""Headlines of other articles in the list beside the text."""

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "home": "Home", "world": "World", "business": "Business", "sport": "Sport", "login": "Sign in",
        "share": "Share", "ad": "Advertisement", "pitch": "Half price for three months. Cancel at any time.",
        "most": "Most read", "letter": "Get our newsletter every morning", "rights": "All rights reserved",
        "cookies": "We use cookies to remember that you dislike them.",
    },
    "ru": {
        "home": "Главная", "world": "Мир", "business": "Экономика", "sport": "Спорт", "login": "Войти",
        "share": "Поделиться", "ad": "Реклама", "pitch": "Подписка за полцены на три месяца.",
        "most": "Популярное", "letter": "Утренняя рассылка редакции", "rights": "Все права защищены",
        "cookies": "Мы используем файлы cookie.",
    },
    "fr": {
        "home": "Accueil", "world": "Monde", "business": "Économie", "sport": "Sport", "login": "Se connecter",
        "share": "Partager", "ad": "Publicité", "pitch": "Trois mois à moitié prix, sans engagement.",
        "most": "Les plus lus", "letter": "Recevez notre lettre chaque matin", "rights": "Tous droits réservés",
        "cookies": "Nous utilisons des témoins de connexion.",
    },
}  # fmt: skip

_PAGE: Final = Template(
    """<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<title>$title - $outlet</title>
<link rel="canonical" href="$url">
<link rel="alternate" href="$feed" title="$outlet">
<meta name="description" content="$tagline">
<meta property="og:type" content="article">
<meta property="og:title" content="$title">
<meta property="og:site_name" content="$outlet">
<meta property="article:published_time" content="$published">
<meta property="article:section" content="$section">
</head>
<body>
<div class="cookie-banner" role="dialog"><p>$cookies</p><button>OK</button></div>
<header class="site-header"><a href="$home_url">$outlet</a><span class="tagline">$tagline</span></header>
<nav class="menu"><ul><li><a href="$home_url">$home</a></li><li><a href="$home_url?s=1">$world</a></li>\
<li><a href="$home_url?s=2">$business</a></li><li><a href="$home_url?s=3">$sport</a></li>\
<li><a href="$home_url?login">$login</a></li></ul></nav>
<div class="advert" id="ad-top"><span>$ad</span><p>$pitch</p></div>
<main>
<article>
<h1>$title</h1>
<p class="meta"><time datetime="$published">$published</time></p>
<ul class="share-links"><li><a href="#x">$share: X</a></li><li><a href="#f">$share: Facebook</a></li>\
<li><a href="#t">$share: Telegram</a></li></ul>
<div class="article-body">
$body
</div>
</article>
</main>
<aside class="sidebar"><h2>$most</h2><ul>$related</ul></aside>
<div class="advert" id="ad-bottom"><span>$ad</span><p>$pitch</p></div>
<footer class="site-footer"><form class="newsletter"><label>$letter</label><input type="email"></form>\
<p>© $outlet. $rights.</p></footer>
</body>
</html>
"""
)


def render_page(article: SampleArticle, others: Sequence[SampleArticle], base_url: str) -> str:
    """Return the page of ``article``; the first of ``others`` of its outlet stand in the list beside it."""
    outlet = article.outlet
    related = [other for other in others if other.outlet == outlet and other.guid != article.guid][:RELATED]
    body = _with_advert([f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article.paragraphs], outlet)
    return _PAGE.substitute(
        {word: escape(text) for word, text in _WORDS[outlet.language].items()},
        language=outlet.language,
        title=escape(article.title),
        outlet=escape(outlet.name),
        tagline=escape(outlet.tagline),
        url=page_url(article, base_url),
        feed=f"{base_url}/{outlet.id}/feed.xml",
        home_url=f"{base_url}/{outlet.id}/",
        published=article.published_at.isoformat(timespec="seconds"),
        section=escape(article.section),
        body="\n".join(body),
        related=_links(related, base_url),
    )


def render_home(outlet: Outlet, articles: Sequence[SampleArticle], base_url: str) -> str:
    """Return the front page of an outlet: links to its ``articles``."""
    return (
        f'<!DOCTYPE html>\n<html lang="{outlet.language}"><head><meta charset="utf-8">'
        f"<title>{escape(outlet.name)}</title></head>\n<body><h1>{escape(outlet.name)}</h1>"
        f"<p>{escape(outlet.tagline)}</p><ul>{_links(articles, base_url)}</ul></body></html>\n"
    )


def _links(articles: Sequence[SampleArticle], base_url: str) -> str:
    return "".join(f'<li><a href="{page_url(each, base_url)}">{escape(each.title)}</a></li>' for each in articles)


def _with_advert(blocks: list[str], outlet: Outlet) -> list[str]:
    """Return the paragraphs with an advert after the second, as most sites put one there."""
    words = _WORDS[outlet.language]
    advert = f'<div class="advert ad-inline"><span>{words["ad"]}</span><a href="#">{words["pitch"]}</a></div>'
    return [*blocks[:2], advert, *blocks[2:]]
