"""Resource pools in Setup: looked at by everybody, changed by Administrators."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks import setup_fields as form
from blocks.setup_modal import page_in, page_of
from blocks.setup_pool_forms import add_members_view, create_pool_view, edit_pool_view, room_options
from blocks.setup_pools import pool_view, pools_view
from blocks.wizard import notice_view
from bot.domain.ids import ChannelId, ResourceId
from bot.domain.people import Person
from bot.domain.pools import Cycle, PoolKind, PoolMethod
from bot.listeners import forms
from bot.listeners.home import publish_if_opened
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.services import Services
from bot.services.pools import CHANNEL, MEMBERS, METHOD, NAME

_KINDS = {ids.CREATE_PEOPLE_POOL: PoolKind.PEOPLE, ids.CREATE_ROOM_POOL: PoolKind.ROOMS}
_PEOPLE = {
    NAME: form.POOL_NAME,
    METHOD: form.POOL_METHOD,
    MEMBERS: form.POOL_MEMBERS,
    CHANNEL: form.POOL_CHANNEL,
}
_NAMES = {PoolKind.PEOPLE: _PEOPLE, PoolKind.ROOMS: {**_PEOPLE, MEMBERS: form.POOL_ROOMS}}


def register(app: App, services: Services) -> None:
    pools, setup = services.pools, services.setup

    # ------------------------------------------------------------ look

    def look(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view = pools_view(*setup.pools(person_of(services, context), 0))
        client.views_open(trigger_id=body["trigger_id"], view=view)

    def turn_pools(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        shown = pools_view(*setup.pools(person_of(services, context), page_of(action["value"])[0]))
        Screen(client, body["view"]).draw_over(shown)

    def open_pool(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        view = one(person_of(services, context), action["value"])
        open_view = client.views_push if body["view"]["type"] == "modal" else client.views_open
        open_view(trigger_id=body["trigger_id"], view=view)

    def turn_members(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        number, pool_id = page_of(action["value"])
        Screen(client, body["view"]).draw_over(one(person_of(services, context), pool_id, number))

    def one(person: Person, pool_id: str, number: int = 0) -> View:
        return pool_view(setup.members(person, pool_id, number))

    # ------------------------------------------------------------ change

    def ask_for_new(ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=create_pool_view(_KINDS[action["action_id"]]))

    def create(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, typed = person_of(services, context), forms.all_values(view)
        kind = PoolKind(view["private_metadata"])
        with forms.fields_named(_NAMES[kind]):
            pool = pools.create(
                person,
                name=typed.get(form.POOL_NAME) or "",
                kind=kind,
                method=PoolMethod(typed.get(form.POOL_METHOD) or PoolMethod.POOLED),
                cycle=Cycle(typed.get(form.POOL_CYCLE) or Cycle.CONTINUOUS),
                members=_members(typed),
                compensates=bool(typed.get(form.POOL_COMPENSATES, True)),
                channel_id=_channel(typed),
            )
        ack(response_action="update", view=one(person, pool.id))
        publish_if_opened(services, client, person)

    def ask_to_change(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        pool = pools.get(person_of(services, context).workspace_id, action["value"])
        view = edit_pool_view(pool) if action["action_id"] == ids.EDIT_POOL else add_members_view(pool)
        client.views_push(trigger_id=body["trigger_id"], view=view)

    def change(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, typed, pool_id = person_of(services, context), forms.all_values(view), view["private_metadata"]
        with forms.fields_named(_PEOPLE):
            pools.set_channel(person, pool_id, _channel(typed))
            pools.rename(person, pool_id, typed.get(form.POOL_NAME) or "")
        if form.POOL_CYCLE in typed:
            cycle = Cycle(typed[form.POOL_CYCLE])
            pools.set_rules(person, pool_id, cycle=cycle, compensates=bool(typed.get(form.POOL_COMPENSATES)))
        ack()
        refresh(client, person, view.get("previous_view_id"), pool_id)

    def add_members(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, pool_id = person_of(services, context), view["private_metadata"]
        kind = pools.get(person.workspace_id, pool_id).kind
        with forms.fields_named(_NAMES[kind]):
            pools.add_members(person, pool_id, _members(forms.all_values(view)))
        ack()
        refresh(client, person, view.get("previous_view_id"), pool_id)

    def change_member(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        person = person_of(services, context)
        what, pool_id, member = action["selected_option"]["value"].split(":", 2)
        if what == form.MEMBER_REMOVE:
            pools.remove_member(person, pool_id, ResourceId(member))
        else:
            pools.set_active(person, pool_id, ResourceId(member), what == form.MEMBER_ACTIVE)
        refresh(client, person, body["view"]["id"], pool_id, page_in(body["view"])[0])

    def delete(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        pools.delete(person, action["value"])
        Screen(client, body["view"]).draw_over(notice_view("Resource pool", "The pool is deleted.", level="success"))
        if body["view"].get("previous_view_id"):
            Screen(client, {"id": body["view"]["previous_view_id"]}).draw_over(pools_view(*setup.pools(person, 0)))
        publish_if_opened(services, client, person)

    def refresh(client: WebClient, person: Person, view_id: str | None, pool_id: str, number: int = 0) -> None:
        """The ledger, and App Home."""
        if view_id:
            Screen(client, {"id": view_id}).draw_over(one(person, pool_id, number))
        publish_if_opened(services, client, person)

    def rooms(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        found = services.rooms.list(person_of(services, context).workspace_id)
        ack(options=room_options([(room.id, room.name) for room in found], body.get("value") or ""))

    app.action(ids.LIST_POOLS)(look)
    app.action(ids.paged(ids.POOLS_PAGE))(turn_pools)
    app.action(ids.OPEN_POOL)(open_pool)
    app.action(ids.paged(ids.POOL_PAGE))(turn_members)
    for action_id in _KINDS:
        app.action(action_id)(ask_for_new)
    app.view(ids.CREATE_POOL_VIEW)(create)
    for action_id in (ids.EDIT_POOL, ids.ADD_POOL_MEMBERS):
        app.action(action_id)(ask_to_change)
    app.view(ids.EDIT_POOL_VIEW)(change)
    app.view(ids.ADD_MEMBERS_VIEW)(add_members)
    app.action(ids.LEDGER_MENU)(change_member)
    app.action(ids.DELETE_POOL)(delete)
    app.options(form.POOL_ROOMS)(rooms)


def _channel(typed: dict[str, Any]) -> ChannelId | None:
    chosen = typed.get(form.POOL_CHANNEL)
    return ChannelId(chosen) if chosen else None


def _members(typed: dict[str, Any]) -> list[ResourceId]:
    chosen = typed.get(form.POOL_ROOMS) or typed.get(form.POOL_MEMBERS) or []
    return [ResourceId(member) for member in chosen]
