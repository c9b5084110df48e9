"""Setup's modals about oneself: working hours, and the other preferences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from slack_sdk.models.blocks import Block

from blocks import elements as el
from blocks import ids, inputs
from blocks import setup_fields as form
from blocks.setup_modal import modal
from blocks.views import View
from blocks.zones import zone_option
from bot.domain.hours_text import OFF, text_of, text_of_dates
from bot.domain.languages import LANGUAGES
from bot.domain.preferences import DefaultMethod
from bot.domain.setup import SetupPage
from bot.domain.timeframe import Weekday
from bot.domain.working_hours import WorkingHours

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_METHODS = (
    el.option("An invitation: the customer picks the time", DefaultMethod.INVITE),
    el.option("Scheduling on behalf: I pick the time", DefaultMethod.ON_BEHALF),
    el.option("Ask me each time", DefaultMethod.ASK),
)
_LANGUAGES = [el.option(name, tag) for tag, name in LANGUAGES.items()]
_DATES_SHOWN = 3


def hours_summary(hours: WorkingHours) -> str:
    """ "Mon–Fri 09:00–17:00 · Sat, Sun off (Europe/London)", and the first dates with hours of their own."""
    weekly = dict(hours.weekly)
    texts = [(day, text_of(weekly.get(day, ()))) for day in Weekday]
    runs = [[day for day, _ in run] for _, run in groupby(texts, key=lambda entry: entry[1])]
    by_day = dict(texts)
    parts = [f"{_days(run)} {by_day[run[0]]}" for run in runs]
    lines = [f"{' · '.join(parts)} ({el.escape(hours.time_zone)})"]
    dates = text_of_dates(hours.overrides).splitlines()
    if dates:
        more = len(dates) - _DATES_SHOWN
        lines.append("; ".join(dates[:_DATES_SHOWN]) + (f" and {more} more" if more > 0 else ""))
    return "\n".join(lines)


def hours_view(hours: WorkingHours, now: datetime) -> View:
    """A line for each weekday, the clock that they are on, and a line for each date with hours of its own."""
    weekly = dict(hours.weekly)
    fields: Mapping[str, Any] = {
        **{form.hours_field(day): text_of(weekly.get(day, ())) for day in Weekday},
        form.HOURS_DATES: text_of_dates(hours.overrides),
    }
    blocks: list[Block] = [
        el.section(
            "Customers can pick you within these hours. One range a day or two, like `09:00–12:00, 13:00–17:00`; "
            f"`{OFF}` for a day off."
        ),
        *(
            inputs.field(inputs.text(form.hours_field(day), fields, placeholder=OFF), name, optional=True)
            for day, name in zip(Weekday, _DAYS, strict=True)
        ),
        inputs.field(
            inputs.search(form.HOURS_ZONE, zone_option(hours.time_zone, now), "City, country or UTC offset"),
            "Time zone",
            hint="Your hours are on its clock, wherever you are.",
        ),
        inputs.field(
            inputs.text(
                form.HOURS_DATES,
                fields,
                multiline=True,
                placeholder="2026-12-25 to 2026-12-31 off",
            ),
            "Single dates",
            optional=True,
            hint="A line for each date or range of dates that is different: holidays, or 2026-12-24 09:00–12:00.",
        ),
    ]
    return modal(ids.HOURS_VIEW, "Working hours", blocks, submit="Save")


def preferences_view(page: SetupPage, now: datetime) -> View:
    """What the page shows is Slack's where nothing was chosen."""
    own = page.preferences
    fields: Mapping[str, Any] = {
        form.PREFERRED_METHOD: own.method.value,
        form.PREFERRED_CHANNEL: own.channel_id,
        form.PREFERRED_LANGUAGE: page.language,
    }
    zone = zone_option(own.time_zone, now) if own.time_zone else None
    blocks = [
        inputs.field(
            inputs.search(form.PREFERRED_ZONE, zone, "City, country or UTC offset"),
            "Time zone",
            optional=True,
            hint=f"Leave it empty to follow your Slack profile: {page.time_zone}."
            if zone is None
            else "Empty it to follow your Slack profile.",
        ),
        inputs.field(
            inputs.select(form.PREFERRED_LANGUAGE, fields, _LANGUAGES),
            "Language",
            hint="Your new invitations are written in it; each can have another.",
        ),
        inputs.field(inputs.radio(form.PREFERRED_METHOD, fields, _METHODS), f"{page.command} begins with"),
        inputs.field(
            inputs.channel(form.PREFERRED_CHANNEL, fields, "Choose a channel"),
            "Notification channel",
            optional=True,
            hint="Your new invitations begin with it. It gets a note when a meeting is booked, moved or cancelled.",
        ),
    ]
    return modal(ids.PREFERENCES_VIEW, "Preferences", blocks, submit="Save")


def _days(run: Sequence[Weekday]) -> str:
    """ "Mon", "Sat, Sun", "Mon–Fri"."""
    first, last = _DAYS[run[0]][:3], _DAYS[run[-1]][:3]
    if len(run) == 1:
        return first
    return f"{first}, {last}" if len(run) == 2 else f"{first}–{last}"
