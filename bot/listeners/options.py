"""Choices that are too many to list: people, Rooms and pools, time zones, and the slots to promote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk.models.blocks import OptionGroup

from blocks import ids
from blocks.letter import slot_groups
from blocks.team import groups_of
from blocks.zones import search_zones
from bot.domain import fields as f
from bot.domain.ids import WorkspaceId
from bot.listeners.people import person_of
from bot.ports import Clock
from bot.services import Services


def offer(ack: Ack, groups: Sequence[OptionGroup]) -> None:
    """Slack takes no empty list of groups."""
    if groups:
        ack(option_groups=groups)
    else:
        ack(options=[])


def workspace_of(context: BoltContext) -> WorkspaceId:
    assert context.team_id, "every request that listeners take names its workspace"
    return WorkspaceId(context.team_id)


def register(app: App, services: Services, clock: Clock) -> None:
    def zones(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        own = person_of(services, context).time_zone
        ack(options=search_zones(body.get("value") or "", clock(), first=[own]))

    def slots(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        person = person_of(services, context)
        draft = services.drafts.find(person.workspace_id, person.user_id, body["view"]["private_metadata"])
        report = services.steps.count(draft)
        groups = slot_groups(report.starts, report.search.frame.time_zone, body.get("value") or "")
        offer(ack, groups)

    def members(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        people, pools = services.seating.members(workspace_of(context), body.get("value") or "")
        offer(ack, groups_of(people, pools, "People"))

    def people(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        offer(ack, groups_of(services.seating.people(workspace_of(context), body.get("value") or ""), (), "People"))

    def rooms(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        found, pools = services.seating.rooms(workspace_of(context), body.get("value") or "")
        offer(ack, groups_of(found, pools, "Rooms"))

    def only_rooms(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        found, _ = services.seating.rooms(workspace_of(context), body.get("value") or "")
        offer(ack, groups_of(found, (), "Rooms"))

    def pool_members(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        pool = body["view"]["private_metadata"].partition(" ")[2]
        found = services.seating.pool_members(workspace_of(context), pool, body.get("value") or "")
        offer(ack, groups_of(found, (), "People"))

    app.options(f.MEMBERS)(members)
    app.options(f.ROOMS)(rooms)
    app.options(ids.ALTERNATIVE_MEMBERS)(people)
    app.options(ids.ALTERNATIVE_ROOMS)(only_rooms)
    app.options(ids.REASSIGN_PERSON)(people)
    app.options(ids.REASSIGN_ROOM)(only_rooms)
    app.options(ids.POOL_MEMBER)(pool_members)
    app.options(f.TIME_ZONE)(zones)
    app.options(f.CUSTOMER_ZONE)(zones)
    app.options(f.PROMOTED)(slots)
