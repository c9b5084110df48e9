"""The mails: who they are from and to, what they say, and that no text breaks them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.domain.calendar import EventStatus
from bot.domain.ids import UserId
from bot.domain.invitation import Conferencing, ConferencingKind
from bot.domain.languages import AMERICAN
from bot.domain.meeting import CanceledBy, MeetingStatus, Move
from bot.mail.messages import Messages
from bot.ports import MessageRenderer
from tests import customer_cast as cast

MESSAGES: MessageRenderer = Messages("InviteOnce <invites@inviteonce.example>")


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def received(message: EmailMessage) -> EmailMessage:
    """As a mail program reads it off the wire."""
    parsed = message_from_bytes(message.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def links(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)


class Seen(HTMLParser):
    """What an HTML reader makes of a mail: its tags and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def all_mails() -> list[EmailMessage]:
    context, meeting, event = cast.mail_context(), cast.meeting(), cast.event()
    by_user = replace(meeting, canceled_by=CanceledBy.USER, cancel_reason="I fell ill.")
    return [
        MESSAGES.invitation(context),
        MESSAGES.confirmation(context, meeting, event),
        MESSAGES.confirmation(context, meeting, None),
        MESSAGES.rescheduled(context, replace(meeting, last_move=Move(cast.NOW, cast.NOW, 1)), event, cast.NOW),
        MESSAGES.cancellation(context, by_user, event),
        MESSAGES.cancellation(context, replace(meeting, canceled_by=CanceledBy.CUSTOMER), None),
        MESSAGES.member_invitation(context, meeting, event, cast.PRIYA),
    ]


def test_mail_comes_from_the_inviter_through_us_and_answers_go_to_the_inviter() -> None:
    message = received(MESSAGES.invitation(cast.mail_context()))
    assert str(message["From"]) == "Dana Fox via InviteOnce <invites@inviteonce.example>"
    assert str(message["Reply-To"]) == "Dana Fox <dana@fox.example>"
    assert str(message["To"]) == "Anna Ruiz <anna@acme.com>"
    assert message["Subject"] == "Roadmap review: pick a time"
    assert message["Message-ID"] == "<d1@inviteonce.example>", (
        "of the sender's domain: filters count others against a mail"
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == cast.NOW


@pytest.mark.parametrize("email", ["", "@", "dana", "dañá@fox.example"])
def test_inviter_without_address_gets_no_reply_to(email: str) -> None:
    message = MESSAGES.invitation(cast.mail_context(inviter=replace(cast.DANA, email=email)))
    assert message["Reply-To"] is None


def test_each_promoted_slot_is_a_link_and_more_times_the_last() -> None:
    message = MESSAGES.invitation(cast.mail_context())
    expected = [f"{cast.LINK}/{start:%Y%m%dT%H%M%SZ}" for start in cast.PROMOTED] + [cast.LINK]
    assert links(part(message, "html")) == expected
    assert re.findall(r"https://\S+", part(message, "plain")) == expected


def test_slots_name_zone_and_offset_of_both_sides() -> None:
    for kind in ("plain", "html"):
        text = (
            Seen(part(MESSAGES.invitation(cast.mail_context()), kind)).text
            if kind == "html"
            else part(MESSAGES.invitation(cast.mail_context()), kind)
        )
        assert text.count("Europe/Berlin (UTC+01:00)") == len(cast.PROMOTED)
        assert text.count("America/New_York (UTC-05:00)") == len(cast.PROMOTED)
        assert "Tuesday, 1 December 2026" in text
        assert "16:00–16:30" in text
        assert "10:00–10:30" in text


def test_unknown_customer_zone_shows_the_frame_s_only() -> None:
    invitation = cast.invitation(participant=replace(cast.ANNA, time_zone=None))
    text = part(MESSAGES.invitation(cast.mail_context(invitation)), "plain")
    assert "10:00–10:30, America/New_York (UTC-05:00)" in text
    assert "Berlin" not in text


def test_clock_change_between_two_slots_shows_in_their_offsets() -> None:
    starts = (datetime.fromisoformat("2027-03-26T15:00:00Z"), datetime.fromisoformat("2027-03-29T15:00:00Z"))
    invitation = cast.invitation(letter=replace(cast.LETTER, promoted=starts))
    text = part(MESSAGES.invitation(cast.mail_context(invitation)), "plain")
    assert "16:00–16:30, Europe/Berlin (UTC+01:00)" in text
    assert "17:00–17:30, Europe/Berlin (UTC+02:00)" in text


def test_american_english_writes_the_12_hour_clock() -> None:
    context = cast.mail_context(cast.invitation(letter=replace(cast.LETTER, language=AMERICAN)))
    text = part(MESSAGES.invitation(context), "plain")
    assert "Tuesday, December 1, 2026" in text
    assert "4:00 PM–4:30 PM" in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_nothing_promoted_means_exactly_one_link(kind: str) -> None:
    invitation = cast.invitation(letter=replace(cast.LETTER, promote=False))
    text = part(MESSAGES.invitation(cast.mail_context(invitation)), kind)
    assert text.count("https://") == 1
    assert cast.LINK in text


def test_promoted_slots_that_have_passed_are_left_out() -> None:
    context = replace(cast.mail_context(), sent_at=cast.PROMOTED[-2])
    assert len(links(part(MESSAGES.invitation(context), "html"))) == 2
    all_passed = replace(context, sent_at=cast.PROMOTED[-1])
    assert links(part(MESSAGES.invitation(all_passed), "html")) == [cast.LINK]


def test_join_link_is_for_those_who_have_booked() -> None:
    context = cast.mail_context()
    assert "video.example.com" not in MESSAGES.invitation(context).as_string()
    for kind in ("plain", "html"):
        assert "https://video.example.com/roadmap" in part(MESSAGES.confirmation(context, cast.meeting(), None), kind)


def test_confirmation_carries_the_request_as_alternative_and_as_file() -> None:
    message = received(MESSAGES.confirmation(cast.mail_context(), cast.meeting(), cast.event()))
    assert message.get_content_type() == "multipart/mixed"
    body, file = message.iter_parts()
    assert [p.get_content_type() for p in body.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    calendar = list(body.iter_parts())[-1]
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert calendar["Content-Type"].params["charset"] == "utf-8"
    assert file.get_filename() == "invite.ics"
    assert file.get_content_disposition() == "attachment"
    assert calendar.get_content().replace("\r\n", "\n").encode() == file.get_content().replace(b"\r\n", b"\n")
    assert b"METHOD:REQUEST\r\n" in file.get_content()


def test_where_the_provider_invites_the_mail_has_no_calendar_part() -> None:
    for message in (
        MESSAGES.confirmation(cast.mail_context(), cast.meeting(), None),
        MESSAGES.cancellation(cast.mail_context(), cast.meeting(), None),
    ):
        assert [p.get_content_type() for p in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_confirmation_tells_the_time_in_the_zone_that_was_booked_in() -> None:
    text = part(MESSAGES.confirmation(cast.mail_context(), cast.meeting(zone="Asia/Tokyo"), None), "plain")
    assert "Wednesday, 2 December 2026" in text
    assert "00:00–00:30, Asia/Tokyo (UTC+09:00)" in text
    assert "10:00–10:30, Tuesday, 1 December 2026" in text


def test_confirmation_leads_to_reschedule() -> None:
    message = MESSAGES.confirmation(cast.mail_context(), cast.meeting(), cast.event())
    for kind in ("plain", "html"):
        assert f"{cast.mail_context().link}/reschedule" in part(message, kind)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ({"by_customer": True}, "you have moved your meeting with Dana Fox."),
        ({"by_id": cast.DANA.user_id}, "Dana Fox has moved your meeting."),
        ({"by_id": cast.PRIYA.user_id}, "Priya Shah has moved your meeting with Dana Fox."),
        ({"by_id": UserId("U0ADMIN")}, "your meeting with Dana Fox has been moved by their team."),
        ({}, "your meeting with Dana Fox has been moved by their team."),
    ],
)
def test_moved_meeting_names_old_and_new_time_and_who_moved_it(who: dict[str, Any], words: str) -> None:
    before = cast.START - timedelta(hours=2)
    meeting = replace(cast.meeting(), sequence=1, last_move=Move(before, cast.NOW, 1, note="The train is late.", **who))
    message = received(MESSAGES.rescheduled(cast.mail_context(), meeting, replace(cast.event(), sequence=1), before))
    assert str(message["Subject"]).startswith("Moved: Roadmap review, ")
    text = part(message, "plain").replace("\r\n", "\n")
    for expected in (words, "Was:      Tuesday, 1 December 2026\n          14:00–14:30", "Now:", "16:00–16:30"):
        assert expected in text
    for kind in ("plain", "html"):
        assert "The train is late." in part(message, kind)
        assert f"{cast.mail_context().link}/reschedule" in part(message, kind)
    (calendar,) = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert "SEQUENCE:1" in calendar.get_content()


def test_cancellation_says_who_and_why_and_carries_the_cancel() -> None:
    by_user = replace(cast.meeting(), sequence=1, canceled_by=CanceledBy.USER, cancel_reason="I fell ill.")
    message = received(MESSAGES.cancellation(cast.mail_context(), by_user, replace(cast.event(), sequence=1)))
    assert "Dana Fox has cancelled your meeting." in part(message, "plain")
    assert "I fell ill." in part(message, "html")
    (calendar,) = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    assert calendar["Content-Type"].params["method"] == "CANCEL"


def test_customer_who_cancelled_is_told_so_without_the_own_reason() -> None:
    meeting = replace(cast.meeting(), canceled_by=CanceledBy.CUSTOMER, cancel_reason="Changed my mind")
    text = part(MESSAGES.cancellation(cast.mail_context(), meeting, None), "plain")
    assert "you have cancelled your meeting with Dana Fox" in text
    assert "Changed my mind" not in text


def test_member_reads_the_time_in_their_own_zone() -> None:
    message = MESSAGES.member_invitation(cast.mail_context(), cast.meeting(), cast.event(), cast.PRIYA)
    assert str(message["To"]) == "Priya Shah <priya@fox.example>"
    assert "15:00–15:30, Europe/London (UTC+00:00)" in part(message, "plain")
    assert cast.TOKEN not in part(message, "plain") + part(message, "html")


@pytest.mark.parametrize(
    ("told", "last_move", "words"),
    [
        (None, None, "has picked a time for the meeting that Dana Fox set up, and you are in it"),
        (
            None,
            Move(cast.NOW, cast.NOW, 1),
            "has picked a time for the meeting that Dana Fox set up, and you are in it",
        ),
        (0, Move(cast.NOW, cast.NOW, 1), "has moved to this time"),
        (1, Move(cast.NOW, cast.NOW, 1), "something has changed in the meeting"),
        (0, None, "something has changed in the meeting"),
    ],
)
def test_only_members_who_knew_another_time_read_of_a_move(
    told: int | None, last_move: Move | None, words: str
) -> None:
    meeting = replace(cast.meeting(), last_move=last_move, sequence=2)
    message = MESSAGES.member_invitation(cast.mail_context(), meeting, cast.event(), cast.PRIYA, told)
    assert words in " ".join(part(message, "plain").split())
    bare = " ".join(part(message, "html").replace("<bdi>", "").replace("</bdi>", "").split())
    assert words in bare


def test_member_reads_who_fixed_the_time_on_behalf_of_the_customer() -> None:
    context = cast.mail_context(cast.invitation(letter=replace(cast.LETTER, on_behalf=True)))
    message = MESSAGES.member_invitation(context, cast.meeting(), cast.event(), cast.PRIYA)
    for kind in ("plain", "html"):
        text = " ".join(Seen(part(message, kind)).text.split())
        assert "Dana Fox has scheduled a meeting with Anna Ruiz, and you are in it" in text
        assert "picked" not in text


def test_member_is_not_asked_to_join_what_is_off() -> None:
    off = replace(cast.event(), status=EventStatus.CANCELLED)
    cancelled = replace(cast.meeting(), status=MeetingStatus.CANCELED)
    for meeting, words in ((cancelled, "is cancelled"), (cast.meeting(), "the time is yours again")):
        message = MESSAGES.member_invitation(cast.mail_context(), meeting, off, cast.PRIYA, 0)
        text = part(message, "plain")
        assert words in " ".join(text.split())
        assert "Was:      Tuesday, 1 December 2026" in text
        for words in ("https://", "Join", "When", "Please bring"):
            assert words not in text + Seen(part(message, "html")).text


def test_no_mail_loads_anything_from_elsewhere() -> None:
    for message in all_mails():
        html = part(message, "html")
        assert not {"img", "script", "link", "iframe", "object", "form"} & set(Seen(html).tags)
        assert "url(" not in html
        assert "src=" not in html


def test_plain_text_fits_78_columns_but_for_links() -> None:
    message = cast.LETTER.message + "\n\n" + "A long sentence that goes on and on. " * 20
    invitation = cast.invitation(letter=replace(cast.LETTER, message=message))
    for mail in (*all_mails(), MESSAGES.invitation(cast.mail_context(invitation))):
        for line in part(mail, "plain").splitlines():
            assert len(line) <= 78 or "https://" in line


HOSTILE = [
    "Eve\r\nBcc: everybody@example.com",
    "Eve\nSubject: other",
    "N" * 300,
    "😀" * 150,
    "مريم " * 60,
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    '"; <eve@evil.example>, "',
    "a\u2028b\u0085c\x00d\u202ee",
    "=?utf-8?q?evil?=",
    "broken \ud800 surrogate",
    "{{ 7*7 }} <!channel> %0d%0aBcc: x",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_reaches_a_header_or_becomes_markup(text: str) -> None:
    details = replace(cast.DETAILS, subject=text, description=text, location=text)
    invitation = cast.invitation(
        participant=cast.named(text), details=details, letter=replace(cast.LETTER, subject=text, message=text)
    )
    context = cast.mail_context(invitation, inviter=replace(cast.DANA, name=text))
    meeting = replace(cast.meeting(), canceled_by=CanceledBy.USER, cancel_reason=text)
    event = replace(cast.event(), summary=text, description=text)
    plain_mail = received(MESSAGES.invitation(cast.mail_context()))
    for mail in (
        MESSAGES.invitation(context),
        MESSAGES.confirmation(context, meeting, event),
        MESSAGES.cancellation(context, meeting, event),
        MESSAGES.member_invitation(context, meeting, event, replace(cast.PRIYA, name=text)),
    ):
        raw = mail.as_bytes()
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
        parsed = received(mail)
        assert {name.lower() for name in parsed} <= {name.lower() for name in plain_mail}
        (to,) = parsed["To"].addresses
        assert to.addr_spec in ("anna@acme.com", "priya@fox.example")
        (sender,) = parsed["From"].addresses
        assert sender.addr_spec == "invites@inviteonce.example"
        assert not {"script", "img"} & set(Seen(part(parsed, "html")).tags)
    assert "49" not in MESSAGES.ready_to_paste(context)


def test_name_of_300_emoji_comes_back_whole() -> None:
    name = "Zoë 😀 " * 50
    raw = MESSAGES.invitation(cast.mail_context(cast.invitation(participant=cast.named(name)))).as_bytes()
    # Python's newer parser puts spaces between adjacent encoded words, against RFC 2047 section 6.2.
    to = str(make_header(decode_header(message_from_bytes(raw)["To"])))
    assert to == f"{name.strip()} <anna@acme.com>"


def test_international_domain_is_written_for_every_server() -> None:
    participant = replace(cast.ANNA, email="anna@müller.example")
    message = received(MESSAGES.invitation(cast.mail_context(cast.invitation(participant=participant))))
    assert message["To"].addresses[0].addr_spec == "anna@xn--mller-kva.example"


def test_right_to_left_text_is_isolated_in_html() -> None:
    invitation = cast.invitation(letter=replace(cast.LETTER, message="مرحبا بك"))
    html = part(MESSAGES.invitation(cast.mail_context(invitation)), "html")
    assert re.search(r'<p dir="auto"[^>]*>مرحبا بك</p>', html)


@pytest.mark.parametrize(
    ("kind", "detail", "expected"),
    [
        (ConferencingKind.PHONE, "+1 555 0100", "Phone call, +1 555 0100"),
        (ConferencingKind.IN_PERSON, "", "In person"),
        (ConferencingKind.NONE, "", ""),
    ],
)
def test_mail_says_how_they_meet(kind: ConferencingKind, detail: str, expected: str) -> None:
    details = replace(cast.DETAILS, conferencing=Conferencing(kind, detail))
    text = part(MESSAGES.invitation(cast.mail_context(cast.invitation(details=details))), "plain")
    assert expected in text
    assert ("Where:" in text) == bool(expected)


def test_a_link_of_another_kind_is_text_and_nothing_to_click() -> None:
    details = replace(cast.DETAILS, conferencing=Conferencing(ConferencingKind.LINK, "javascript:alert(1)"))
    context = cast.mail_context(cast.invitation(details=details))
    html = part(MESSAGES.confirmation(context, cast.meeting(), None), "html")
    assert not any(link.startswith("javascript") for link in links(html))


def test_ready_to_paste_has_times_zones_and_links() -> None:
    text = MESSAGES.ready_to_paste(cast.mail_context())
    assert text.startswith("Hi Anna,\n")
    assert text.count("Europe/Berlin (UTC+01:00)") == len(cast.PROMOTED)
    assert text.count(cast.LINK) == len(cast.PROMOTED) + 1
    assert "InviteOnce" not in text


def test_renders_the_same_twice() -> None:
    one, two = (part(MESSAGES.invitation(cast.mail_context()), "html") for _ in range(2))
    assert one == two


def test_long_meeting_says_on_which_day_it_ends() -> None:
    details = replace(cast.DETAILS, duration=timedelta(hours=8))
    start = datetime.fromisoformat("2026-12-01T20:00:00Z")
    invitation = cast.invitation(details=details, letter=replace(cast.LETTER, promoted=(start,)))
    text = part(MESSAGES.invitation(cast.mail_context(invitation)), "plain")
    assert "21:00–05:00 on Wednesday, 2 December" in text
