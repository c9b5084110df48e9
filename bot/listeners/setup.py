"""Setup: one's own working hours and preferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from blocks import ids
from blocks import setup_fields as form
from blocks.setup_hours import hours_view, preferences_view
from blocks.zones import search_zones
from bot.domain.hours_text import Ranges, dates_of, ranges_of
from bot.domain.ids import ChannelId
from bot.domain.languages import language_of
from bot.domain.preferences import TIME_ZONE, DefaultMethod
from bot.domain.timeframe import Weekday
from bot.errors import FormError
from bot.listeners import forms
from bot.listeners.home import publish_if_opened
from bot.listeners.people import person_of
from bot.ports import Clock
from bot.services import Services

_PREFERENCES = {
    "channel": form.PREFERRED_CHANNEL,
    TIME_ZONE: form.PREFERRED_ZONE,
    "language": form.PREFERRED_LANGUAGE,
}
"""The service's names of the fields → ours."""


def register(app: App, services: Services, clock: Clock) -> None:
    def edit_hours(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        page = services.setup.page(person_of(services, context))
        client.views_open(trigger_id=body["trigger_id"], view=hours_view(page.hours, clock()))

    def save_hours(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        typed = forms.all_values(view)
        weekly, dates = typed_hours(typed)
        names = {TIME_ZONE: form.HOURS_ZONE, **{day.name.lower(): form.hours_field(day) for day in Weekday}}
        with forms.fields_named(names):
            services.preferences.set_hours(
                person,
                typed.get(form.HOURS_ZONE) or "",
                {day: _clocks(ranges) for day, ranges in weekly.items()},
                {day.isoformat(): _clocks(ranges) for day, ranges in dates.items()},
            )
        ack()
        publish_if_opened(services, client, person)

    def edit_preferences(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        page = services.setup.page(person)
        client.views_open(trigger_id=body["trigger_id"], view=preferences_view(page, clock()))

    def save_preferences(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, typed = person_of(services, context), forms.all_values(view)
        channel = typed.get(form.PREFERRED_CHANNEL)
        with forms.fields_named(_PREFERENCES):
            services.preferences.set_channel(person, ChannelId(channel) if channel else None)
            services.preferences.set_time_zone(person, typed.get(form.PREFERRED_ZONE))
            language = typed.get(form.PREFERRED_LANGUAGE)
            services.preferences.set_language(person, None if language == language_of(person.locale) else language)
        services.preferences.set_method(person, DefaultMethod(typed[form.PREFERRED_METHOD]))
        ack()
        publish_if_opened(services, client, person)

    def zones(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        own = person_of(services, context).time_zone
        ack(options=search_zones(body.get("value") or "", clock(), first=[own]))

    app.action(ids.EDIT_HOURS)(edit_hours)
    app.view(ids.HOURS_VIEW)(save_hours)
    app.action(ids.EDIT_PREFERENCES)(edit_preferences)
    app.view(ids.PREFERENCES_VIEW)(save_preferences)
    app.options(form.PREFERRED_ZONE)(zones)
    app.options(form.HOURS_ZONE)(zones)


def typed_hours(typed: Mapping[str, Any]) -> tuple[dict[Weekday, Ranges], Mapping[Any, Ranges]]:
    """Ranges by weekday and by date, from the lines that were typed. Raises FormError."""
    errors: dict[str, str] = {}
    weekly: dict[Weekday, Ranges] = {}
    for day in Weekday:
        field = form.hours_field(day)
        try:
            weekly[day] = ranges_of(typed.get(field) or "")
        except ValueError as error:
            errors[field] = str(error)
    dates: Mapping[Any, Ranges] = {}
    try:
        dates = dates_of(typed.get(form.HOURS_DATES) or "")
    except ValueError as error:
        errors[form.HOURS_DATES] = str(error)
    if errors:
        raise FormError(errors)
    return weekly, dates


def _clocks(ranges: Ranges) -> list[tuple[str | None, str | None]]:
    return [(f"{one.start:%H:%M}", f"{one.end:%H:%M}") for one in ranges]
