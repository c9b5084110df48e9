"""The times to choose from, and the leaves of the day picker, as HTML.

Written by hand and not by a template: a page holds hundreds of these, and takes five times as long from one.
"""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape

from bot.web.pages import Choice, Day, Month


@lru_cache(maxsize=64)
def sections(choice: Choice, zone: str, link: str, query: str) -> Markup:
    """A section for each day with its times as links; `link` is the path of the page, `query` goes along with each.

    Kept, because people come back to a page, and reload it.
    """
    base, rest, zone_name = f"{escape(link)}/", _text(query), _text(zone)
    return Markup("\n".join(_section(day, zone_name, base, rest) for day in choice.days))  # noqa: S704  # all of it is escaped


def _text(words: str) -> str:
    """Escaped, as a plain string: to put a Markup into another string is slow."""
    return str(escape(words))


def _section(day: Day, zone: str, base: str, rest: str) -> str:
    title = _text(day.title)
    offset = "" if zone == "UTC" else f' <span class="keep">({escape(day.offset)})</span>'
    slots = "".join(
        f'<li><a class="slot" href="{base}{stamp}{rest}" aria-label="{label}{" " + own if own else ""}, {title}">'
        f'<time datetime="{instant}">{label}</time>{f" <small>{own}</small>" if own else ""}</a></li>\n'
        for stamp, instant, label, own in day.slots
    )
    return (
        f'<section class="day" id="day-{day.date}">\n<h2 tabindex="-1">{title}</h2>\n'
        f'<p class="hint">{zone}{offset}</p>\n<ul>\n{slots}</ul>\n</section>'
    )


@lru_cache(maxsize=64)
def leaves(choice: Choice) -> Markup:
    """A table for each month, of which the first shows."""
    return Markup("\n".join(_leaf(month, is_first=n == 0) for n, month in enumerate(choice.months)))  # noqa: S704  # as above


def _leaf(month: Month, *, is_first: bool) -> str:
    names = "".join(f'<th scope="col">{name}</th>' for name in month.weekdays)
    weeks = "\n".join(
        "<tr>" + "".join(f'<td data-day="{day}">{day.day}</td>' if day else "<td></td>" for day in week) + "</tr>"
        for week in month.weeks
    )
    return (
        f'<table class="month"{"" if is_first else " hidden"}>\n<caption>{escape(month.title)}</caption>\n'
        f"<thead><tr>{names}</tr></thead>\n<tbody>\n{weeks}\n</tbody>\n</table>"
    )
