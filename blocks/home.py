"""App Home: the Activity stream with its tabs, the way into the wizard, and what is still unfinished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DatePickerElement,
    DividerBlock,
    InteractiveElement,
)

from blocks import cards, ids
from blocks import elements as el
from blocks.connections import broken_banner
from blocks.setup import setup_blocks
from blocks.views import View
from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page, Tab
from bot.domain.invitation import Draft
from bot.domain.people import Person
from bot.domain.preferences import DefaultMethod

BLOCKS_LIMIT = 100
DRAFTS_SHOWN = 5
_TABS = {
    Tab.INVITATIONS: ("Invitations", ids.TAB_INVITATIONS),
    Tab.MEETINGS: ("Meetings", ids.TAB_MEETINGS),
    Tab.SETUP: ("Setup", ids.TAB_SETUP),
}


def home_view(reader: Person, state: HomeState, page: Page) -> View:
    """App Home as this person sees it, at most 100 blocks whatever there is to show."""
    if not reader.may_invite:
        return _guests_home(reader, state, page)
    top = [
        el.header("Invitations and meetings"),
        el.context(_at_a_glance(page)),
        *_connect_banner(page),
        *broken_banner(page.broken),
        _beginnings(page.method),
        *([] if state.tab is Tab.SETUP else _drafts(page.drafts)),
        DividerBlock(),
        _tabs(state.tab),
    ]
    if state.tab is Tab.SETUP and page.setup is not None:
        return View(type="home", blocks=[*top, *setup_blocks(reader, page.setup)])
    if state.tab is Tab.MEETINGS:
        top += _days(state)
    return _listing(reader, state, page, top)


def _guests_home(reader: Person, state: HomeState, page: Page) -> View:
    """For whoever may not invite: the Meetings that colleagues have assigned them to."""
    kind = "Only members of this workspace invite with InviteOnce."
    top: list[Block] = [el.header("Your meetings")]
    if page.total or state.since or state.until:
        top += [el.context(f"{kind} Meetings that they assign to you are here."), *_days(state)]
        return _listing(reader, state, page, top)
    text = f"*Nothing here yet.* {kind} A meeting that they assign to you appears here by itself."
    return View(type="home", blocks=[*top, el.section(text)])


def _listing(reader: Person, state: HomeState, page: Page, top: Sequence[Block]) -> View:
    bottom = _paging(state, page)
    room = BLOCKS_LIMIT - len(top) - len(bottom)
    return View(type="home", blocks=[*top, *_items(reader, state, page, room), *bottom])


def page_value(state: HomeState, page: int) -> str:
    """What a paging button carries."""
    days = f":{state.since or ''}:{state.until or ''}" if state.since or state.until else ""
    return f"{state.tab}:{page}{days}"


def state_from(value: str) -> HomeState:
    """The place that a paging button leads to; the first page where the value is not one of ours."""
    tab, page, since, until = (*value.split(":"), "", "", "", "")[:4]
    if tab not in set(Tab):
        return HomeState()
    return HomeState(Tab(tab), int(page) if page.isdecimal() else 0, _date(since), _date(until))


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _at_a_glance(page: Page) -> str:
    invitations = "1 invitation" if page.active_invitations == 1 else f"{page.active_invitations} invitations"
    meetings = "1 upcoming meeting" if page.upcoming_meetings == 1 else f"{page.upcoming_meetings} upcoming meetings"
    return f"{invitations} · {meetings}"


def _beginnings(method: DefaultMethod) -> Block:
    """The two ways to a meeting; the one that the reader likes to begin with stands out."""
    on_behalf_first = method is DefaultMethod.ON_BEHALF
    return ActionsBlock(
        block_id="invite",
        elements=[
            el.button("Invite to self-schedule", ids.INVITE, style=None if on_behalf_first else "primary"),
            el.button("Schedule on behalf", ids.SCHEDULE_ON_BEHALF, style="primary" if on_behalf_first else None),
        ],
    )


def _connect_banner(page: Page) -> list[Block]:
    if page.connected:
        return []
    connect = el.button("Connect calendar", ids.CONNECT_CALENDAR, style="primary")
    if page.calendar_systems:
        text = (
            "*Connect your calendar to begin.* InviteOnce offers only times at which you are free, "
            "and writes the meeting into your calendar."
        )
    else:
        text = "*No calendar system is set up for this workspace yet.* The button says what is needed."
    return [el.section(text, "connect", connect)]


def _drafts(drafts: Sequence[Draft]) -> list[Block]:
    blocks: list[Block] = []
    for draft in drafts[:DRAFTS_SHOWN]:
        blocks += [DividerBlock(), *cards.draft_card(draft)]
    if len(drafts) > DRAFTS_SHOWN:
        blocks.append(el.context(f"and {len(drafts) - DRAFTS_SHOWN} older drafts"))
    return blocks


def _tabs(current: Tab) -> Block:
    """The current tab stands out."""
    buttons = [
        el.button(label, action_id, style="primary" if tab is current else None)
        for tab, (label, action_id) in _TABS.items()
    ]
    return ActionsBlock(block_id="tabs", elements=buttons)


def _days(state: HomeState) -> list[Block]:
    """Which days' Meetings are listed; those to come where none are chosen.

    The block has another id once the app itself has changed a date: Slack keeps what was chosen while ids stay.
    """
    pickers: list[InteractiveElement] = [
        DatePickerElement(action_id=action_id, placeholder=label, initial_date=chosen.isoformat() if chosen else None)
        for action_id, label, chosen in (
            (ids.MEETINGS_SINCE, "From day", state.since),
            (ids.MEETINGS_UNTIL, "To day", state.until),
        )
    ]
    if state.since or state.until:
        pickers.append(el.button("Upcoming", ids.UPCOMING_MEETINGS))
    which = "Meetings of the days below" if state.since or state.until else "Meetings to come"
    return [
        el.context(f"{which}. Choose a first and a last day to see others, those that are over too."),
        ActionsBlock(block_id=f"days:{state.since or ''}:{state.until or ''}", elements=pickers),
    ]


def _items(reader: Person, state: HomeState, page: Page, room: int) -> list[Block]:
    """The page's cards, each under a line, as many as there is room for; a friendly word where there is none."""
    if not page.items:
        return [el.section(_empty(state, page))]
    items: Sequence[InvitationItem | MeetingItem] = page.items
    blocks: list[Block] = []
    for index, item in enumerate(items):
        card = (
            cards.invitation_card(item, reader)
            if isinstance(item, InvitationItem)
            else cards.meeting_card(item, reader)
        )
        if len(blocks) + 1 + len(card) > room - 1:
            return [*blocks, el.context(f"and {len(items) - index} more that do not fit on this page")]
        blocks += [DividerBlock(), *card]
    return blocks


def _empty(state: HomeState, page: Page) -> str:
    if page.total:
        return "This page is empty now. Go back to see the rest."
    if state.since or state.until:
        return "*No meetings on these days.* Choose others, or press *Upcoming*."
    if state.tab is Tab.MEETINGS:
        return "*No upcoming meetings.* As soon as somebody picks a time from an invitation, the meeting appears here."
    begin = (
        "*No open invitations.* Booked ones are under Meetings." if page.upcoming_meetings else "*No invitations yet.*"
    )
    return (
        f"{begin} Type `{page.command}` in any conversation, or press *Invite to self-schedule*: "
        "you choose when it suits you, and your customer picks a time with one click."
    )


def _paging(state: HomeState, page: Page) -> list[Block]:
    """*Previous* and *Next* where they lead anywhere, and where one is."""
    last = max(0, (page.total - 1) // page.size)
    if last == 0 and state.page == 0:
        return []
    buttons: list[ButtonElement] = []
    if state.page > 0:
        previous = min(state.page - 1, last)
        buttons.append(el.button("Previous", ids.PREVIOUS_PAGE, value=page_value(state, previous)))
    if state.page < last:
        buttons.append(el.button("Next", ids.NEXT_PAGE, value=page_value(state, state.page + 1)))
    here = f"Page {min(state.page, last) + 1} of {last + 1} · {page.total} in all"
    return [DividerBlock(), ActionsBlock(block_id="paging", elements=buttons), el.context(here)]
