"""The readable form of ``analyze``: what an editor wants to know of one article, in the order of importance."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas import Alert, AlertClaim, Claim, Modality, Polarity, Slot, SlotMatch, TaggedArticle

__all__ = ["show"]

_LANGUAGES = {"en": "English", "ru": "Russian", "fr": "French", "de": "German", "es": "Spanish", "ar": "Arabic"}
_HOW = {
    Modality.FACT: "", Modality.ALLEGATION: "alleged", Modality.PLAN: "planned", Modality.QUESTION: "asked",
    Modality.CONDITION: "conditional",
}  # fmt: skip
_SEVERITY_STYLE = {"low": "cyan", "medium": "yellow", "high": "bold red"}
MAX_SIDE_CLAIMS = 4
"""Quotes shown a side; the rest are counted."""


def show(console: Console, name: str, article: TaggedArticle, claims: Sequence[Claim], alerts: Sequence[Alert]) -> None:
    """Print one article's disputes, then its claims."""
    console.print(Text(article.title or name, style="bold"))
    console.print(_facts(article))
    if not alerts:
        console.print("\nNo statement in it is disputed by another one in it.")
    for alert in alerts:
        console.print()
        console.print(_alert(alert))
    if claims:
        console.print()
        console.print(_claims(claims))
    console.print()


def _facts(article: TaggedArticle) -> Text:
    dates = article.dates
    known = [f"{kind} {moment:%d %B %Y}" for kind, moment in (
        ("feed", dates.feed), ("page", dates.page), ("printed on it", dates.text)) if moment]  # fmt: skip
    when = ", ".join(known) or "none found"
    text = Text()
    text.append(f"Language   {_LANGUAGES.get(article.language, article.language)}\n")
    text.append(f"Topics     {', '.join(topic.slug for topic in article.topics) or 'none that is watched'}\n")
    text.append(f"Date       {when}")
    if dates.uncertain:
        text.append("  date uncertain: this need not be when the events happened", style="yellow")
    if article.credits:
        text.append(f"\nCredits    {', '.join(article.credits)}")
    return text


def _alert(alert: Alert) -> Panel:
    asserted, counter = alert.sides
    facts = [f"severity {alert.severity}", f"probability {alert.score:.0%}", f"scope {alert.scope}"]
    facts += ["same article"] * alert.same_article + ["date uncertain"] * alert.date_uncertain
    parts: list[RenderableType] = [
        Text(alert.summary, style="bold"),
        Text(", ".join(facts), style=_SEVERITY_STYLE[alert.severity]),
        Text("\nReported" if alert.kind == "denial" else "\nOne side", style="underline"),
        *_quotes(asserted.claims),
        Text("\nDisputed by" if alert.kind == "denial" else "\nOther side", style="underline"),
        *_quotes(counter.claims),
    ]
    slots = [slot for slot in alert.slots if slot.match is not SlotMatch.UNKNOWN]
    if slots:
        parts += [Text("\nHow the two compare", style="underline"), *(Text(_slot(slot)) for slot in slots)]
    return Panel(Group(*parts), title=f"{alert.kind}", title_align="left", border_style=_SEVERITY_STYLE[alert.severity])


def _quotes(claims: Sequence[AlertClaim]) -> list[Padding]:
    lines = [
        Padding(
            Text.assemble((claim.speaker or "the article itself", "green"), ": ", _one_line(claim.quote)), (0, 0, 0, 2)
        )
        for claim in claims[:MAX_SIDE_CLAIMS]
    ]
    more = len(claims) - MAX_SIDE_CLAIMS
    return [*lines, Padding(Text(f"and {more} more"), (0, 0, 0, 2))] if more > 0 else lines


def _slot(slot: Slot) -> str:
    words = f"{slot.a or 'not said'} / {slot.b or 'not said'}"
    return f"  {slot.slot:<7} {'same' if slot.match is SlotMatch.SAME else 'differs'}: {words}"


def _claims(claims: Sequence[Claim]) -> Table:
    table = Table(title="Who says what", title_justify="left", show_lines=True, expand=True)
    table.add_column("Who", ratio=2)
    table.add_column("How", ratio=1)
    table.add_column("What", ratio=5)
    for claim in claims:
        who = claim.speaker or "the article itself"
        who += f"\n(via {claim.via})" if claim.via else ""
        stance = "denies" if claim.polarity is Polarity.DENIES else "says"
        how = ", ".join(part for part in (stance, _HOW[claim.modality]) if part)
        table.add_row(who, how, _one_line(claim.quote))
    return table


def _one_line(quote: str) -> str:
    return " ".join(quote.split())
