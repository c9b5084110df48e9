"""How a visitor reads times: the zone to show, and the clock of their language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby

from markupsafe import Markup, escape
from starlette.requests import Request

from bot.domain.booking import BookingState
from bot.domain.former_zones import PRESENT_NAMES, present_name
from bot.domain.timeframe import zone_names
from bot.domain.wording import ClockStyle

_REGIONS = frozenset(
    {
        *("Africa", "America", "Antarctica", "Arctic", "Asia"),
        *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
    }
)

_FORMER = {present: former for former, present in PRESENT_NAMES.items()}
"""Tells the page's script by which name people know the zone that their browser names."""


@dataclass(frozen=True, slots=True)
class Reader:
    """`chosen` is the zone that the visitor asked for, or None; `zone` the one to show."""

    zone: str
    chosen: str | None
    style: ClockStyle
    knows_own_zone: bool
    """Whether the visitor or the Invitation has said the zone; else the page's script asks the browser."""


def reader(request: Request, state: BookingState, asked: str | None) -> Reader:
    """The zone asked for, else the one they booked in, the one the Invitation knows, the frame's.

    The clock is that of the browser's language; of the email's where the browser names none.
    """
    chosen = chosen_zone(asked)
    known = chosen or (state.meeting and state.meeting.customer_zone) or state.invitation.participant.time_zone
    zone = known or state.invitation.rules.frame.time_zone
    # A zone that we do not know was asked for all the same: asking the browser again would go on for ever.
    style = ClockStyle.of(preferred_language(request) or state.invitation.letter.language)
    return Reader(zone, chosen, style, bool(known) or asked is not None)


def chosen_zone(asked: str | None) -> str | None:
    """The zone asked for, where there is such a one, by its present name."""
    return present_name(asked) if asked is not None and is_zone(asked) else None


def preferred_language(request: Request) -> str:
    """The first tag of the highest quality in Accept-Language (RFC 9110 section 12.5.4); empty without one."""
    ranked = []
    for item in request.headers.get("accept-language", "").split(","):
        tag, _, parameters = item.partition(";")
        name, _, value = parameters.strip().partition("=")
        ranked.append((_quality(value) if name == "q" else 1.0, tag.strip().strip("*")))
    return max(ranked, key=lambda pair: pair[0])[1]


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def is_zone(name: str) -> bool:
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    # "localtime" and the like name a file of this machine, not a zone.
    return frozenset(name for name in zone_names() if name[0].isupper() and name != "Factory")


@cache
def zone_options() -> Markup:
    """Every zone as options of a select, by region; made once, for it is most of a page's bytes."""
    names = sorted(name for name in _zones() if name.partition("/")[0] in _REGIONS)
    groups = (
        Markup('<optgroup label="{}">{}</optgroup>').format(region, Markup().join(map(_option, zones)))
        for region, zones in groupby(names, key=lambda name: name.partition("/")[0])
    )
    return Markup("<option>UTC</option>") + Markup().join(groups)


def _option(name: str) -> Markup:
    label = name.partition("/")[2].replace("_", " ")
    former = Markup(' data-former="{}"').format(_FORMER[name]) if name in _FORMER else ""
    return Markup('<option value="{}"{}>{}</option>').format(name, former, escape(label))
