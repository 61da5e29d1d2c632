"""The words that page furniture is made of, in English, Russian, French, German, Spanish and Arabic."""

from __future__ import annotations

import re

__all__ = ["CREDIT", "DATED", "HEADING", "LABEL", "PROMPT"]

_LABELS = (
    # Links to other articles, at the beginning of a line
    r"(?:\W{0,3}\s*)(?:read|see|watch|listen|learn)\s+(?:more|also|next|this|on|it)\b(?=\s*(?:[:：»>|–—-]|$|about|on\b))",
    r"\W{0,3}\s*(?:also read|more on this|more like this|more from|more in|continue reading|click here|tap here)\b",
    r"(?:related|recommended|recommended for you|background|explainer|in pictures|gallery|live updates?|watch|video|"
    r"listen|podcast|opinion|analysis|must read|don't miss|also see|see also|read also|you may also like)\s*(?::|\||$)",
    r"(?:trending(?: now)?|most (?:read|popular|viewed)|popular now|up next|top stories|in other news|don['’]t miss)\s*"
    r"[:|–—-]",
    r"(?:читайте|смотрите|слушайте)\s+(?:также|ещё|еще)",
    r"(?:по теме|материалы по теме|другие новости|подробнее|далее)\s*(?::|$)",
    r"(?:lire|voir|écouter|à lire|à voir)\s+(?:aussi|également|la suite)|(?:sur le même sujet|à découvrir)\b",
    r"(?:lesen|sehen|hören) sie (?:auch|mehr|dazu)|(?:mehr zum thema|lesen sie|weiterlesen|mehr dazu)\b",
    r"(?:lea|lee|vea|mire|ver|leer)\s+(?:también|más|además)|(?:te puede interesar|noticias relacionadas)\b",
    r"(?:اقرأ|إقرأ|شاهد|طالع|اقرأوا)\s+(?:أيضا|أيضاً|المزيد)",
    # Share links, adverts, comments, rights
    r"(?:share|tweet|e-?mail|print|save|facebook|twitter|whatsapp|linkedin|reddit|copy link|comments?|\d+ comments?)"
    r"(?:\s+(?:this|it|on|via|article|story|page|link|facebook|twitter|whatsapp|email|print|share|linkedin|reddit|x|"
    r"pinterest|telegram|with|your|friends))*\s*$",
    r"(?:advertise?ment|sponsored(?: (?:content|links?))?|promoted(?: (?:content|links?|stories))?|paid content)\b",
    r"(?:реклама|поделиться|комментарии|на правах рекламы)\s*(?::|$)",
    r"(?:publicité|partager|commentaires|contenu sponsorisé)\b\W*$",
    r"(?:anzeige|werbung|teilen|kommentare|gesponsert)\b\W*$",
    r"(?:publicidad|anuncio|compartir|comentarios|contenido patrocinado)\b\W*$",
    r"(?:إعلان|شارك|تعليقات|مشاركة)\s*$",
    r"(?:copyright|©|\(c\)\s*\d{4}|all rights reserved)",
    r"(?:comment via|via|follow us|image|photo|picture|фото|foto)\s*(?::|©)",
    # Bylines
    r"(?:by|written by|reported by|von|par|автор)\s*:?\s+(?-i:[A-ZА-ЯÀ-Þ])[\w.'’-]+"
    r"(?:\s+(?:(?:and|und|et|y|и)\s+)?(?-i:[A-ZА-ЯÀ-Þ])[\w.'’-]+){0,6}\s*$",
    r"(?:(?:additional )?reporting by|editing by|writing by|compiled by)\b",
)

LABEL = re.compile("|".join(f"(?:{label})" for label in _LABELS), re.IGNORECASE)
"""Begins a line that is furniture as a whole (use ``match`` at the line's start, with the line's end)."""

DATED = re.compile(
    r"(?:published|updated|last updated|first published|posted|опубликовано|обновлено|publié|mis à jour|veröffentlicht|"
    r"aktualisiert|publicado|actualizado)\s*(?::|\bon\b|\bat\b|\ble\b|\bam\b|\bel\b|\d)",
    re.IGNORECASE,
)
"""Begins a line that says when the page was made, if the line is no sentence."""

HEADING = re.compile(
    r"(?:most (?:read|popular|viewed|shared|commented|recent)|trending(?: now)?|editor['’]?s['’]? (?:choice|picks?)|"
    r"editors choice|top stories|latest (?:news|stories|headlines)|related (?:stories|articles|topics|news|content|"
    r"links)|"
    r"(?:also|more|elsewhere) (?:in|from|on) [\w ]{3,30}|more (?:news|stories|headlines)|recommended(?: for you)?|"
    r"you (?:may|might) (?:also )?like|around the web|from the web|in other news|don['’]t miss|what others are reading|"
    r"самое (?:читаемое|популярное)|главные новости|новости партн[её]ров|ещё по теме|"
    r"les plus lus|à la une|dans la même rubrique|articles (?:liés|similaires)|"
    r"meistgelesen\w*|das könnte sie (?:auch )?interessieren|top-?themen|verwandte (?:artikel|themen)|"
    r"lo más (?:leído|visto)|noticias relacionadas|artículos relacionados|"
    r"الأكثر قراءة|أخبار ذات صلة|مواضيع ذات صلة)\s*:?\s*$",
    re.IGNORECASE,
)
"""A whole line above a list of other headlines."""

PROMPT = re.compile(
    r"\b(?:sign up|subscribe|log ?in|register|download)\b[^.]{0,40}\b(?:newsletters?|e-?mails?|alerts?|briefing|app|"
    r"account|notifications?|now|today|free|here|channel)\b|"
    r"\b(?:in|to) your inbox\b|\bfollow (?:us|@\w+|\w+ \w+) on\b|\bjoin the (?:conversation|discussion)\b|"
    r"\bhave your say\b|\byour (?:ad|browser|privacy|cookie) (?:choices|settings|preferences)\b|\bwe use cookies\b|"
    r"\b(?:accept|manage) (?:all )?cookies\b|\bsupport (?:our|independent) journalism\b|\bcomments are closed\b|"
    r"\b(?:like|find) us on (?:facebook|twitter|instagram)\b|\bclick here to\b|\bthis article (?:was )?(?:first |"
    r"originally )(?:appeared|published)\b|"
    r"подпи(?:шитесь|сывайтесь) на|подписка на|присоединяйтесь к|"
    r"abonnez-vous|inscrivez-vous|suivez-nous|recevez (?:notre|nos|la|les|toute)|"
    r"(?:abonnieren|folgen) sie|newsletter (?:abonnieren|anmelden)|"
    r"suscr[íi]b(?:ase|ete)|s[íi]guenos|reg[íi]strate|"
    r"اشترك (?:في|الآن)|تابعونا|تابعنا",
    re.IGNORECASE,
)
"""Anywhere in a short line: the reader is asked for something."""

CREDIT = re.compile(
    r"\s*[(\[|]?\s*\b(?:(?:photo|image|picture|video|photograph|file photo)(?:\s+(?:credit|by|courtesy(?: of)?))?|"
    r"credits?|courtesy of|source|фото|foto|crédit(?: photo)?|bild|quelle)\s*[:：©/]\s*@?[^\n.]{1,60}$|"
    r"\s*\((?:photo|image|picture|file|ap|afp|reuters|getty)[^()\n]{0,60}"
    r"(?:photo|image|images|picture|via [^()\n]{2,40})?\)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
"""The credit at the end of a caption."""
