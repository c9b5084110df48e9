"""Choices that are too many to list: time zones, and the slots to promote."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext

from blocks.letter import slot_groups
from blocks.zones import search_zones
from bot.domain import fields as f
from bot.listeners.people import person_of
from bot.ports import Clock
from bot.services import Services


def register(app: App, services: Services, clock: Clock) -> None:
    def zones(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        own = person_of(services, context).time_zone
        ack(options=search_zones(body.get("value") or "", clock(), first=[own]))

    def slots(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        person = person_of(services, context)
        draft = services.drafts.find(person.workspace_id, person.user_id, body["view"]["private_metadata"])
        report = services.drafts.count(draft)
        groups = slot_groups(report.starts, report.search.frame.time_zone, body.get("value") or "")
        if groups:
            ack(option_groups=groups)
        else:
            ack(options=[])

    app.options(f.TIME_ZONE)(zones)
    app.options(f.CUSTOMER_ZONE)(zones)
    app.options(f.PROMOTED)(slots)
