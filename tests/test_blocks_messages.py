"""Cards, news and channel notes, as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blocks import cards, messages
from blocks.message import Message
from bot.domain import fields as f
from bot.domain.activity import InvitationItem, MeetingItem
from bot.domain.delivery import News
from bot.domain.event_copies import Attention, Finding, Trouble
from bot.domain.ids import PoolId, ResourceId, UserId
from bot.domain.invitation import Conferencing, ConferencingKind, DeliveryMethod, InvitationStatus, Seat, SeatKind
from bot.domain.meeting import Attendance, MeetingStatus, Receipt
from bot.domain.people import Person
from bot.domain.substitutes import RoomOffer, Substitute
from tests.activity_cast import (
    DETAILS,
    DRAFT,
    INVITATION,
    MEETING,
    NASTY,
    START,
    WORST,
    cancelled_by,
    cancelled_by_anna,
    invitation_item,
    meeting_item,
    moved_by,
    worst_invitation_item,
    worst_meeting_item,
)
from tests.block_kit import assert_within_limits, buttons, shown, texts
from tests.cast import BEN, CHARLIE, DANA, NOW, PRIYA, seats
from tests.golden import assert_golden
from tests.pool_cast import pool_seat

EMOJI = "👩🏽‍🚀🇳🇿é"
RTL = "\u202eשלום עולם مرحبا"
MESSAGE_LIMIT = 50
BEFORE = START - timedelta(hours=1)
MOVED = meeting_item(**moved_by(PRIYA.user_id, note="The train is late."))


def json_of(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.block_dicts()}


def text_of(message: Message) -> str:
    return shown(message.block_dicts())


def news(kind: News, item: InvitationItem | MeetingItem, text: str = "") -> str:
    return text_of(messages.news(DANA.user_id, kind, item, text))


# ---------------------------------------------------------------- whole messages


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("draft_card", messages.draft_card(DRAFT, 34)),
        ("invitation_card", messages.invitation_card(invitation_item())),
        (
            "booked_card",
            messages.invitation_card(
                invitation_item(status=InvitationStatus.SCHEDULED, slots_left=None, meeting=MEETING)
            ),
        ),
        ("booked_news", messages.news(DANA.user_id, News.BOOKED, meeting_item())),
        ("moved_news", messages.news(DANA.user_id, News.MOVED, MOVED, BEFORE.isoformat())),
        ("cancelled_news", messages.news(DANA.user_id, News.CANCELED, meeting_item(**cancelled_by_anna("I am ill.")))),
        ("booked_note", messages.channel_note(News.BOOKED, meeting_item())),
    ],
)
def test_messages_look_like_this(name: str, message: Message) -> None:
    assert_golden(name, json_of(message))


# ---------------------------------------------------------------- the draft's card


def test_the_draft_card_names_the_customer_and_the_count() -> None:
    message = messages.draft_card(DRAFT, 34)
    assert message.text == "*Anna Ruiz* · 34 available time slots"
    assert buttons(message.block_dicts()) == [
        ("Resume", "draft_resume", "draft1"),
        ("Discard", "draft_discard", "draft1"),
    ]


@pytest.mark.parametrize(
    ("count", "words"), [(0, "No times are available"), (1, "1 available time slot"), (2, "2 available time slots")]
)
def test_counts_read_as_everywhere(count: int, words: str) -> None:
    assert messages.draft_card(DRAFT, count).text == f"*Anna Ruiz* · {words}"
    assert words in text_of(messages.invitation_card(invitation_item(slots_left=count)))


def test_an_uncounted_draft_shows_no_number() -> None:
    assert "slot" not in text_of(messages.draft_card(DRAFT, None))


@pytest.mark.parametrize(
    ("known", "title"),
    [
        ({}, "*Unfinished invitation*"),
        ({f.PARTICIPANT_NAME: None, f.EMAIL: "anna@acme.com"}, "*anna@acme.com*"),
        ({f.PARTICIPANT_NAME: "Anna", f.EMAIL: "anna@acme.com"}, "*Anna*"),
    ],
)
def test_a_draft_is_called_by_what_is_known(known: dict[str, Any], title: str) -> None:
    assert messages.draft_card(replace(DRAFT, fields=known), None).text == title


# ---------------------------------------------------------------- the Invitation's card


def test_an_active_invitation_can_be_sent_again_copied_and_cancelled() -> None:
    assert buttons(messages.invitation_card(invitation_item()).block_dicts()) == [
        ("Resend", "invitation_resend", "inv1"),
        ("Copy link", "invitation_copy_link", "inv1"),
        ("Cancel", "invitation_cancel", "inv1"),
    ]


def test_cancelling_an_invitation_asks_first() -> None:
    [*_, actions] = messages.invitation_card(invitation_item()).block_dicts()
    confirm = actions["elements"][2]["confirm"]
    assert confirm["text"]["text"] == "Anna Ruiz’s link will stop working."


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (InvitationStatus.EXPIRED, "Expired: its time frame is over and nothing was booked."),
        (InvitationStatus.CANCELED, "Cancelled. The link does not work any more."),
    ],
)
def test_a_closed_invitation_says_why_and_has_no_buttons(status: InvitationStatus, words: str) -> None:
    blocks = messages.invitation_card(invitation_item(status=status, slots_left=None)).block_dicts()
    assert words in shown(blocks)
    assert buttons(blocks) == []


def test_a_card_tells_sent_and_opened() -> None:
    assert "Not opened yet" in text_of(messages.invitation_card(invitation_item()))
    assert "On its way" in text_of(messages.invitation_card(invitation_item(sent_at=None)))
    by_link = replace(INVITATION.letter, delivery=DeliveryMethod.LINK)
    assert "To be sent by you" in text_of(messages.invitation_card(invitation_item(letter=by_link, sent_at=None)))
    opened = text_of(messages.invitation_card(invitation_item(opened_at=NOW + timedelta(hours=1))))
    assert "|Mon 30 Nov 2026, 04:00 (America/New_York)>" in opened


def test_an_undelivered_letter_is_told_on_the_card() -> None:
    card = text_of(messages.invitation_card(invitation_item(bounced_reason="550 no such user")))
    assert "⚠️ The email did not arrive: 550 no such user" in card
    assert "Email not delivered" in card


def test_an_unreadable_calendar_is_named_and_no_number_is_made_up() -> None:
    item = replace(invitation_item(slots_left=None), unreadable=("Priya Raman",))
    card = text_of(messages.invitation_card(item))
    assert "⚠️ Calendar not readable: Priya Raman" in card
    assert "slot" not in card
    assert "No times" not in card


def test_alternatives_share_a_seat() -> None:
    details = replace(DETAILS, seats=seats((DANA.resource_id, PRIYA.resource_id), (BEN.resource_id,)))
    item = replace(invitation_item(details=details), members=(DANA, PRIYA, BEN))
    assert "With Dana Fox or Priya Raman, Ben Okafor" in text_of(messages.invitation_card(item))


def test_of_a_large_pool_the_first_few_are_named() -> None:
    details = replace(DETAILS, seats=seats(tuple(person.resource_id for person in many_people("Ana"))))
    item = replace(invitation_item(details=details), members=many_people("Ana"))
    assert "With Ana 0 or Ana 1 or Ana 2 or 497 more" in text_of(messages.invitation_card(item))


def test_pools_of_500_people_and_60_rooms_with_long_names_fit_on_a_card() -> None:
    people = many_people("&" * 80)
    rooms = {ResourceId(f"room:{number}"): "&" * 80 for number in range(60)}
    pools = seats(tuple(person.resource_id for person in people), tuple(rooms))
    item = worst_invitation_item("&")
    invitation = replace(item.invitation, details=replace(item.invitation.details, seats=pools))
    item = replace(item, invitation=invitation, members=people, room_names=rooms, unreadable=("&" * 80,) * 500)
    assert_within_limits(messages.invitation_card(item).block_dicts(), MESSAGE_LIMIT)


def many_people(name: str) -> tuple[Person, ...]:
    return tuple(replace(PRIYA, user_id=UserId(f"U{n}"), name=f"{name} {n}") for n in range(500))


def test_pool_that_nobody_is_left_of_is_said_on_the_card() -> None:
    rooms = Seat(SeatKind.ROOM_POOL, (), PoolId("rooms"))
    details = replace(DETAILS, seats=(*seats((DANA.resource_id,)), pool_seat(), rooms))
    card = text_of(messages.invitation_card(replace(invitation_item(details=details), members=(DANA,))))
    assert "With Dana Fox, somebody from a pool with no active members" in card
    assert "Rooms: one from a pool with no active rooms" in card


def test_a_booked_card_shows_the_assigned_only() -> None:
    meeting = replace(MEETING, assigned=(PRIYA.resource_id,))
    item = invitation_item(status=InvitationStatus.SCHEDULED, slots_left=None, meeting=meeting)
    assert "With Priya Raman – invited" in text_of(messages.invitation_card(item))


# ---------------------------------------------------------------- the Meeting's card


def test_a_meeting_shows_the_readers_time_and_the_customers_beside_it() -> None:
    card = shown([block.to_dict() for block in cards.meeting_card(meeting_item(), PRIYA)])
    assert "<!date^1796155200^{date_long_pretty}, {time}|Tue 1 Dec 2026, 20:00 (Europe/London)> · 30 minutes" in card
    assert "For Anna Ruiz: Tue 1 Dec 2026, 21:00 (Europe/Madrid)" in card


def test_one_clock_is_not_shown_twice() -> None:
    in_madrid = replace(PRIYA, time_zone="Europe/Madrid")
    card = shown([block.to_dict() for block in cards.meeting_card(meeting_item(), in_madrid)])
    assert "For Anna Ruiz" not in card


def test_an_unknown_customers_zone_is_not_guessed() -> None:
    invitation = replace(INVITATION, participant=replace(INVITATION.participant, time_zone=None))
    item = meeting_item(invitation, customer_zone=None)
    assert "For Anna Ruiz" not in shown([block.to_dict() for block in cards.meeting_card(item, DANA)])


@pytest.mark.parametrize(
    ("status", "words", "can_cancel"),
    [
        (MeetingStatus.SCHEDULED, "Booked", True),
        (MeetingStatus.RESCHEDULED, "Moved to a new time", True),
        (MeetingStatus.COMPLETED, "Completed", False),
        (MeetingStatus.NO_SHOW, "No-show", False),
        (MeetingStatus.CANCELED, "Cancelled by a colleague", False),
    ],
)
def test_only_a_meeting_to_come_can_be_moved_or_cancelled(status: MeetingStatus, words: str, can_cancel: bool) -> None:
    blocks = [block.to_dict() for block in cards.meeting_card(meeting_item(status=status), DANA)]
    assert words in shown(blocks)
    expected = [
        ("Reschedule", "meeting_reschedule", "meet1"),
        ("Reassign", "meeting_reassign", "meet1"),
        ("Cancel", "meeting_cancel", "meet1"),
    ]
    assert buttons(blocks) == (expected if can_cancel else [])


@pytest.mark.parametrize(
    ("conferencing", "words"),
    [
        (Conferencing(ConferencingKind.LINK, "https://meet.example/a?b=1&c=2"), "<https://meet.example/a?b=1&amp;c=2>"),
        (
            Conferencing(ConferencingKind.LINK, "https://meet.example/|x> <!channel>"),
            "https://meet.example/%7Cx%3E%3C!",
        ),
        (Conferencing(ConferencingKind.LINK, "javascript:alert(1)"), "Join: javascript:alert(1)"),
        (Conferencing(ConferencingKind.PHONE, "+49 30 123"), "Phone: +49 30 123"),
        (Conferencing(ConferencingKind.IN_PERSON), "In person · Room 4"),
        (Conferencing(), "Room 4"),
    ],
)
def test_a_meeting_tells_how_to_join(conferencing: Conferencing, words: str) -> None:
    invitation = replace(INVITATION, details=replace(DETAILS, conferencing=conferencing))
    card = shown([block.to_dict() for block in cards.meeting_card(meeting_item(invitation), DANA)])
    assert words in card
    assert "<!channel" not in card


# ---------------------------------------------------------------- news


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (cancelled_by_anna(), "Anna Ruiz cancelled *Roadmap review*\n"),
        (cancelled_by(PRIYA.user_id), "Priya Raman cancelled *Roadmap review* with Anna Ruiz\n"),
        (cancelled_by(DANA.user_id), "You cancelled *Roadmap review* with Anna Ruiz\n"),
        (cancelled_by(CHARLIE.user_id), "An administrator cancelled *Roadmap review* with Anna Ruiz\n"),
    ],
)
def test_a_cancellation_says_by_whom(who: dict[str, Any], words: str) -> None:
    assert words in news(News.CANCELED, meeting_item(**who))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (moved_by(by_customer=True), "Anna Ruiz moved *Roadmap review*\n"),
        (moved_by(PRIYA.user_id), "Priya Raman moved *Roadmap review* with Anna Ruiz\n"),
        (moved_by(DANA.user_id), "You moved *Roadmap review* with Anna Ruiz\n"),
        (moved_by(), "A colleague moved *Roadmap review* with Anna Ruiz\n"),
    ],
)
def test_a_move_says_by_whom_and_both_times(who: dict[str, Any], words: str) -> None:
    told = text_of(messages.news(DANA.user_id, News.MOVED, meeting_item(**who), BEFORE.isoformat()))
    assert words in told
    assert "Was: ~<!date^" in told
    assert "14:00 (America/New_York)>~" in told
    assert "15:00 (America/New_York)>" in told


def test_a_channel_reads_who_moved_and_when_it_is_now() -> None:
    note = messages.channel_note(News.MOVED, meeting_item(**moved_by(by_customer=True)))
    assert note.text.startswith("Anna Ruiz moved *Roadmap review*, <!date^")
    assert "15:00" in note.text


def test_an_event_that_is_late_is_missing_at_its_new_time() -> None:
    item = replace(MOVED, attention=(Attention(Finding(Trouble.NOT_WRITTEN, "Try later."), "Priya Raman"),))
    assert "not at its new time in the calendar of Priya Raman yet" in news(News.NEEDS_ATTENTION, item)


def test_an_event_that_is_given_up_is_not_said_to_be_tried_again() -> None:
    given_up = Attention(Finding(Trouble.GIVEN_UP, "The mailbox is full."), "Priya Raman")
    item = replace(meeting_item(), attention=(given_up,))
    told = news(News.NEEDS_ATTENTION, item)
    assert "not in the calendar of Priya Raman, and we have stopped trying. The mailbox is full." in told
    assert "keep trying" not in told


def test_a_reason_is_quoted_line_by_line_and_harmless() -> None:
    told = news(News.CANCELED, meeting_item(**cancelled_by_anna("I am ill.\n<!here> sorry")))
    assert "\n> I am ill.\n> &lt;!here&gt; sorry" in told


def test_news_use_the_clock_of_whoever_reads_them() -> None:
    told = text_of(messages.news(PRIYA.user_id, News.BOOKED, meeting_item()))
    assert "|Tue 1 Dec 2026, 20:00 (Europe/London)>" in told


def test_a_booked_invitation_tells_the_same_news_as_its_meeting() -> None:
    booked = invitation_item(status=InvitationStatus.SCHEDULED, slots_left=None, meeting=MEETING)
    assert "Anna Ruiz booked *Roadmap review*" in news(News.BOOKED, booked)


def test_an_expiry_leads_to_a_new_invitation() -> None:
    blocks = messages.news(DANA.user_id, News.EXPIRED, invitation_item()).block_dicts()
    assert buttons(blocks) == [("Invite to self-schedule", "home_invite", None)]


def test_a_failed_mail_says_why_and_offers_ways_out() -> None:
    message = messages.news(DANA.user_id, News.FAILED_MAIL, invitation_item(), "550 mailbox unavailable")
    assert "> 550 mailbox unavailable" in text_of(message)
    assert "anna@acme.com" in text_of(message)
    assert [text for text, _, _ in buttons(message.block_dicts())] == ["Resend", "Copy link"]


def test_a_mail_about_a_meeting_that_failed_says_what_the_customer_has_to_be_told() -> None:
    message = messages.news(DANA.user_id, News.UNTOLD, meeting_item(), "550 mailbox unavailable")
    told = text_of(message)
    assert message.text == "The email to *Anna Ruiz* about *Roadmap review* was not delivered"
    assert "> 550 mailbox unavailable" in told
    assert "Is anna@acme.com right?" in told
    assert "<!date^" in told
    assert [text for text, _, _ in buttons(message.block_dicts())] == ["Copy link"]


def test_a_channel_that_was_not_told_is_named_with_the_reason() -> None:
    message = messages.news(DANA.user_id, News.NO_NOTE, meeting_item(), "C0SALES The channel is archived.")
    assert message.text == "<#C0SALES> was not told about *Roadmap review* with Anna Ruiz"
    assert "> The channel is archived." in text_of(message)


def test_a_cancellation_that_did_not_arrive_offers_no_link() -> None:
    cancelled = meeting_item(**cancelled_by_anna("Ill"))
    message = messages.news(DANA.user_id, News.UNTOLD, cancelled, "550 mailbox unavailable")
    assert "It is cancelled." in text_of(message)
    assert buttons(message.block_dicts()) == []


def test_a_broken_calendar_is_named_and_can_be_connected() -> None:
    item = replace(invitation_item(slots_left=None), unreadable=("Priya Raman",))
    message = messages.news(PRIYA.user_id, News.BROKEN_CALENDAR, item, "The permission was withdrawn.")
    assert message.text == "A calendar cannot be read: Priya Raman"
    assert [text for text, _, _ in buttons(message.block_dicts())] == ["Connect calendar"]


def test_who_waits_for_somebody_else_s_calendar_is_told_that_they_have_been_asked() -> None:
    item = replace(invitation_item(slots_left=None), unreadable=("Priya Raman",))
    message = messages.news(DANA.user_id, News.BROKEN_CALENDAR, item)
    assert buttons(message.block_dicts()) == []
    assert "They have been asked to connect it again" in text_of(message)


def test_a_calendar_removed_on_purpose_is_named_and_nobody_is_said_to_have_been_asked() -> None:
    item = replace(invitation_item(slots_left=None), unreadable=("Priya Raman",))
    message = messages.news(DANA.user_id, News.REMOVED_CALENDAR, item)
    assert message.text == "A calendar was disconnected and cannot be read: Priya Raman"
    assert buttons(message.block_dicts()) == []
    assert "removed on purpose" in text_of(message)
    assert "asked" not in text_of(message)
    own = messages.news(PRIYA.user_id, News.REMOVED_CALENDAR, item)
    assert [text for text, _, _ in buttons(own.block_dicts())] == ["Connect calendar"]


def test_an_invitation_whose_people_have_left_slack_can_be_cancelled_where_that_is_said() -> None:
    item = invitation_item()
    message = messages.news(DANA.user_id, News.DEPARTED, item, "Priya *Raman*")
    assert message.text == "No longer in this Slack workspace: *Priya ∗Raman∗*"
    assert "nobody can book this invitation" in text_of(message)
    assert [(text, value) for text, _, value in buttons(message.block_dicts())] == [
        ("Cancel", item.invitation.id),
        ("Invite to self-schedule", None),
    ]


@pytest.mark.parametrize("length", [10, 3_900, 4_100, 20_000])
@pytest.mark.parametrize("letter", ["x", "&", "👩", "a\n", "```<a&>\n"])
def test_a_text_to_paste_is_complete_however_long(length: int, letter: str) -> None:
    text = (letter * length)[:length] + "\nhttps://invite.example/i/token"
    blocks = messages.news(DANA.user_id, News.READY_TO_PASTE, invitation_item(), text).block_dicts()
    assert_within_limits(blocks, MESSAGE_LIMIT)
    codes = [b["elements"][0]["elements"][0]["text"] for b in blocks if b["type"] == "rich_text"]
    assert "".join(codes).replace("\n", "") == text.replace("\n", "")
    assert "https://invite.example/i/token" in codes[-1], "the link is never cut in two"


# ---------------------------------------------------------------- channel notes


def test_a_channel_note_has_no_address_and_nothing_personal() -> None:
    for kind, item in (
        (News.BOOKED, meeting_item()),
        (News.MOVED, meeting_item(**moved_by(by_customer=True, note="a private reason"))),
        (News.CANCELED, meeting_item(**cancelled_by_anna("a private reason"))),
    ):
        note = str(json_of(messages.channel_note(kind, item)))
        for private in (
            "anna@acme.com",
            "A personal message.",
            "private reason",
            "Acme",
            "meet.example",
            "secret-token",
        ):
            assert private not in note


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (cancelled_by_anna(), "Anna Ruiz cancelled *Roadmap review*, <!date^"),
        (cancelled_by(PRIYA.user_id), "Priya Raman cancelled *Roadmap review* with Anna Ruiz, <!date^"),
    ],
)
def test_a_channel_reads_who_cancelled(who: dict[str, Any], words: str) -> None:
    message = messages.channel_note(News.CANCELED, meeting_item(**who))
    assert message.text.startswith(words)
    assert "Anna Ruiz" in text_of(message)


# ---------------------------------------------------------------- bad content


MEETING_NEWS = (
    News.BOOKED,
    News.MOVED,
    News.CANCELED,
    News.UNTOLD,
    News.NO_NOTE,
    News.NEEDS_ATTENTION,
    News.DECLINED,
    News.MEMBER_LEFT,
    News.REASSIGNED,
)


@pytest.mark.parametrize("text", [WORST, EMOJI, RTL, NASTY, "_*~`", "\x00\x07", "x"])
def test_nothing_typed_breaks_a_limit_or_is_left_without_text(text: str) -> None:
    invitation, meeting = worst_invitation_item(text), worst_meeting_item(text)
    draft = replace(DRAFT, fields={f.PARTICIPANT_NAME: text * 10, f.SUBJECT: text * 100})
    cancelled = replace(meeting, meeting=replace(MEETING, **cancelled_by_anna(text * 100)))
    moved = replace(meeting, meeting=replace(MEETING, **moved_by(note=text * 100, by_customer=True)))
    for message in (
        messages.draft_card(draft, 3),
        messages.invitation_card(invitation),
        messages.invitation_card(replace(invitation, meeting=MEETING)),
        *(messages.news(DANA.user_id, kind, invitation, text * 50) for kind in News if kind not in MEETING_NEWS),
        messages.news(DANA.user_id, News.BOOKED, meeting),
        messages.news(DANA.user_id, News.MOVED, moved, START.isoformat()),
        messages.news(DANA.user_id, News.CANCELED, cancelled),
        messages.news(DANA.user_id, News.UNTOLD, meeting, text * 50),
        messages.news(DANA.user_id, News.UNTOLD, cancelled, text * 50),
        messages.news(DANA.user_id, News.NO_NOTE, meeting, text * 50),
        messages.news(DANA.user_id, News.NO_NOTE, meeting, f"C0SALES {text * 50}"),
        messages.news(DANA.user_id, News.NEEDS_ATTENTION, meeting),
        messages.news(DANA.user_id, News.DECLINED, meeting, text * 50),
        messages.news(DANA.user_id, News.MEMBER_LEFT, meeting, text * 50),
        messages.news(DANA.user_id, News.REASSIGNED, meeting, text * 50),
        messages.channel_note(News.BOOKED, meeting),
        messages.channel_note(News.CANCELED, cancelled),
        messages.channel_note(News.MOVED, moved),
    ):
        assert message.text.strip()
        assert_within_limits(message.block_dicts(), MESSAGE_LIMIT)


def test_what_customers_type_mentions_and_styles_nothing() -> None:
    nasty = worst_invitation_item(NASTY, people=1)
    for message in (
        messages.invitation_card(nasty),
        messages.news(DANA.user_id, News.FAILED_MAIL, nasty, NASTY),
        messages.channel_note(News.BOOKED, worst_meeting_item(NASTY)),
        messages.draft_card(replace(DRAFT, fields={f.PARTICIPANT_NAME: NASTY, f.SUBJECT: NASTY}), 1),
    ):
        for text in (message.text, *texts(message.block_dicts(), ["mrkdwn"])):
            assert "<!channel" not in text
            assert "<@U1" not in text
            assert "<https://evil" not in text
            assert "*bold*" not in text
            assert "`code`" not in text


# ---------------------------------------------------------------- receipts


def test_card_and_news_say_why_a_pool_gave_this_person() -> None:
    receipts = (
        Receipt(PRIYA.resource_id, "longest without a meeting, 12 days"),
        Receipt(CHARLIE.resource_id, "not in this meeting any more"),
    )
    item = meeting_item(receipts=receipts)
    for text in (
        text_of(messages.invitation_card(invitation_item(slots_left=None, meeting=item.meeting))),
        news(News.BOOKED, item),
    ):
        assert "Priya Raman: longest without a meeting, 12 days" in text
        assert "not in this meeting" not in text


def test_many_receipts_are_cut_to_a_few() -> None:
    people = [replace(PRIYA, user_id=UserId(f"U{number}"), name=WORST) for number in range(20)]
    item = meeting_item(receipts=tuple(Receipt(person.resource_id, "2 received, the fewest") for person in people))
    item = replace(item, members=tuple((person, Attendance.INVITED) for person in people))
    message = messages.news(DANA.user_id, News.BOOKED, item)
    assert "and 16 more" in text_of(message)
    assert_within_limits(message.block_dicts(), MESSAGE_LIMIT)


# ---------------------------------------------------------------- what needs somebody


def troubled(trouble: Trouble, detail: str = "", kind: ConferencingKind = ConferencingKind.NONE) -> MeetingItem:
    details = replace(DETAILS, conferencing=Conferencing(kind))
    who = "" if trouble is Trouble.NO_CONFERENCE else "Priya Raman"
    item = meeting_item(replace(INVITATION, details=details))
    return replace(item, attention=(Attention(Finding(trouble, detail), who),))


@pytest.mark.parametrize(
    ("item", "words", "labels"),
    [
        (
            troubled(Trouble.MISSING),
            "The event is not in the calendar of Priya Raman any more.",
            ["Write it again", "Cancel the meeting", "Keep as it is"],
        ),
        (
            troubled(Trouble.MOVED, "2026-12-01T21:00:00+00:00"),
            "Somebody has moved the event in the calendar of Priya Raman, to ",
            ["Write it again", "Cancel the meeting", "Keep as it is"],
        ),
        (
            troubled(Trouble.MOVED, MEETING.start.isoformat()),
            "Somebody has changed how long the event lasts in the calendar of Priya Raman.",
            ["Write it again", "Cancel the meeting", "Keep as it is"],
        ),
        (
            troubled(Trouble.ROOM_DECLINED, "Atlas"),
            "The room has declined: Atlas.",
            ["Write it again", "Cancel the meeting", "Keep as it is"],
        ),
        (
            troubled(Trouble.NO_CONFERENCE, "Zoom does not answer.", ConferencingKind.ZOOM),
            "There is no link to join. Zoom does not answer.",
            ["Try again", "Cancel the meeting", "Keep as it is"],
        ),
        (
            troubled(Trouble.NO_CONFERENCE, "It lies in another calendar.", ConferencingKind.MEET),
            "There is no link to join. It lies in another calendar.",
            ["Cancel the meeting", "Keep as it is"],
        ),
    ],
)
def test_what_needs_somebody_says_what_is_wrong_and_what_can_be_done(
    item: MeetingItem, words: str, labels: list[str]
) -> None:
    message = messages.news(DANA.user_id, News.NEEDS_ATTENTION, item)
    assert words in text_of(message)
    assert [label for label, _, _ in buttons(message.block_dicts())] == labels
    card = messages.invitation_card(
        invitation_item(status=InvitationStatus.SCHEDULED, meeting=MEETING, attention=item.attention)
    )
    assert words in text_of(card)


def test_card_of_a_meeting_in_order_asks_for_nothing() -> None:
    card = messages.invitation_card(invitation_item(status=InvitationStatus.SCHEDULED, meeting=MEETING))
    assert [label for label, _, _ in buttons(card.block_dicts())] == ["Reschedule", "Reassign", "Cancel"]


def test_decline_names_who_and_offers_what_can_be_done() -> None:
    message = messages.news(DANA.user_id, News.DECLINED, meeting_item(), "Priya Raman")
    assert message.text == "*Priya Raman* has declined *Roadmap review* with Anna Ruiz"
    assert buttons(message.block_dicts()) == [
        ("Reassign", "meeting_reassign", "meet1 U0PRIYA"),
        ("Keep without Priya Raman", "meeting_do_without", "meet1 U0PRIYA"),
        ("Cancel", "meeting_cancel", "meet1"),
    ]


def test_member_who_has_left_is_named_with_what_can_be_done() -> None:
    message = messages.news(DANA.user_id, News.MEMBER_LEFT, meeting_item(), "Priya Raman")
    said = "*Priya Raman* is no longer in this Slack workspace, and was to come to *Roadmap review* with Anna Ruiz"
    assert message.text == said
    assert [text for text, _, _ in buttons(message.block_dicts())] == ["Reassign", "Keep without Priya Raman", "Cancel"]


def test_decline_of_somebody_whom_a_pool_gave_offers_the_next_in_it() -> None:
    details = replace(DETAILS, seats=(DETAILS.seats[0], pool_seat(PRIYA)))
    message = messages.news(DANA.user_id, News.DECLINED, meeting_item(replace(INVITATION, details=details)), PRIYA.name)
    assert buttons(message.block_dicts())[0] == ("Replace with next in pool", "meeting_reassign", "meet1 U0PRIYA")


def test_decline_of_the_only_one_offers_no_meeting_without_them() -> None:
    alone = replace(meeting_item(assigned=(PRIYA.resource_id,)), members=((PRIYA, Attendance.DECLINED),))
    details = replace(DETAILS, seats=DETAILS.seats[1:])
    alone = replace(alone, invitation=replace(alone.invitation, details=details))
    message = messages.news(DANA.user_id, News.DECLINED, alone, PRIYA.name)
    assert [label for label, _, _ in buttons(message.block_dicts())] == ["Reassign", "Cancel"]


def test_room_that_declines_comes_with_a_free_one_in_its_place() -> None:
    atlas, cedar = ResourceId("room:atlas"), ResourceId("room:cedar")
    item = replace(
        troubled(Trouble.ROOM_DECLINED, "Atlas"), room_offers=(RoomOffer(atlas, "Atlas", Substitute(cedar, "Cedar")),)
    )
    blocks = messages.news(DANA.user_id, News.NEEDS_ATTENTION, item).block_dicts()
    assert buttons(blocks)[0] == ("Take Cedar instead", "meeting_take_room:0", "meet1 room:atlas room:cedar")
    none = replace(item, room_offers=(RoomOffer(atlas, "Atlas"),))
    told = messages.news(DANA.user_id, News.NEEDS_ATTENTION, none)
    assert "No other room of that size and equipment is free in place of Atlas. *Reassign* on" in text_of(told)
    assert "instead" not in str(buttons(told.block_dicts()))


def test_twenty_rooms_that_decline_fit_into_the_news() -> None:
    offers = tuple(RoomOffer(ResourceId(f"room:{number}"), WORST) for number in range(20))
    item = replace(worst_meeting_item(WORST), room_offers=offers)
    blocks = messages.news(DANA.user_id, News.NEEDS_ATTENTION, item).block_dicts()
    assert_within_limits(blocks, MESSAGE_LIMIT)


def test_news_of_a_new_person_says_who_and_why() -> None:
    item = meeting_item(receipts=(Receipt(PRIYA.resource_id, "2 received, the fewest, in place of Ben Okafor"),))
    told = messages.news(DANA.user_id, News.REASSIGNED, item, "Priya Raman takes the place of Ben Okafor")
    assert "Priya Raman takes the place of Ben Okafor: *Roadmap review* with Anna Ruiz" in told.text
    assert "Priya Raman: 2 received, the fewest, in place of Ben Okafor" in text_of(told)


@pytest.mark.parametrize(
    ("changes", "days", "labels"),
    [
        ({"status": MeetingStatus.COMPLETED}, 0, []),
        ({"status": MeetingStatus.COMPLETED}, 2, ["No-show"]),
        ({"status": MeetingStatus.SCHEDULED}, 2, ["Reassign", "Cancel", "No-show"]),
        ({"status": MeetingStatus.COMPLETED}, 16, []),
        ({"status": MeetingStatus.NO_SHOW}, 2, ["Undo no-show"]),
        ({"status": MeetingStatus.NO_SHOW}, 16, []),
        (cancelled_by_anna(), 2, []),
    ],
)
def test_no_show_is_offered_for_14_days_after_the_meeting(
    changes: dict[str, Any], days: int, labels: list[str]
) -> None:
    item = replace(meeting_item(**changes), at=NOW + timedelta(days=days))
    shown_buttons = buttons([block.to_dict() for block in cards.meeting_card(item, DANA)])
    assert [label for label, _, _ in shown_buttons] == labels


def test_card_of_an_invitation_names_the_rooms_that_may_be_reserved() -> None:
    names = {ResourceId(f"room:{slug}"): slug.title() for slug in ("atlas", "cedar", "dome", "elm", "forum")}
    seats_of_rooms = seats(tuple(names), (ResourceId("room:cedar"),), (ResourceId("room:gone"),))
    details = replace(DETAILS, seats=(*DETAILS.seats, *seats_of_rooms))
    card = messages.invitation_card(replace(invitation_item(details=details), room_names=names))
    assert "Rooms: Atlas or Cedar or Dome or 2 more, Cedar" in text_of(card)
    assert "Rooms" not in text_of(messages.invitation_card(invitation_item()))


def test_card_names_who_was_removed() -> None:
    item = replace(meeting_item(), former=(BEN,))
    assert "Removed from the event: Ben Okafor" in shown([block.to_dict() for block in cards.meeting_card(item, DANA)])


@pytest.mark.parametrize(
    ("join_url", "words"),
    [("", "Zoom, the link follows"), ("https://zoom.example/j/1", "Join Zoom: <https://zoom.example/j/1>")],
)
def test_conference_shows_its_link_once_it_is_there(join_url: str, words: str) -> None:
    details = replace(DETAILS, conferencing=Conferencing(ConferencingKind.ZOOM))
    item = meeting_item(replace(INVITATION, details=details), join_url=join_url)
    assert words in news(News.BOOKED, item)


def test_a_meeting_names_its_rooms_as_long_as_they_are_reserved() -> None:
    held = replace(meeting_item(), rooms=("Atlas", "Projector"))
    assert "Reserved: Atlas, Projector" in shown([block.to_dict() for block in cards.meeting_card(held, DANA)])
    released = replace(meeting_item(**cancelled_by_anna()), rooms=("Atlas",))
    assert "Atlas" not in shown([block.to_dict() for block in cards.meeting_card(released, DANA)])
