"""What is typed behind `/invite`, and what becomes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import fields as f
from bot.domain.command import Colleague, Doctor, Help, Invite, Settings, Why, name_from, parse


def prefill(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    command = parse(text)
    assert isinstance(command, Invite)
    assert not command.hints
    return tuple(command.prefill.get(name) for name in (f.PARTICIPANT_NAME, f.EMAIL, f.SUBJECT, f.DURATION))  # type: ignore[return-value]  # four of them


@pytest.mark.parametrize(
    ("text", "name", "email", "subject", "minutes"),
    [
        ("Anna Ruiz anna@acme.com Roadmap review 45m", "Anna Ruiz", "anna@acme.com", "Roadmap review", "45"),
        ("Anna Ruiz anna@acme.com", "Anna Ruiz", "anna@acme.com", None, None),
        ("anna@acme.com", "Anna", "anna@acme.com", None, None),
        ("anna.ruiz@acme.com Roadmap", "Anna Ruiz", "anna.ruiz@acme.com", "Roadmap", None),
        ("  Anna   Ruiz\tanna@acme.com   Roadmap   review  ", "Anna Ruiz", "anna@acme.com", "Roadmap review", None),
        ("Anna <mailto:anna@acme.com|anna@acme.com> Review 1h", "Anna", "anna@acme.com", "Review", "60"),
        ("<mailto:anna@acme.com>", "Anna", "anna@acme.com", None, None),
        ("Anna Ruiz &lt;anna@acme.com&gt; Review", "Anna Ruiz", "anna@acme.com", "Review", None),
        ("“Anna Ruiz” <anna@acme.com> ‘Review’", "Anna Ruiz", "anna@acme.com", "Review", None),
        ("Anna Ruiz (anna@acme.com) Review", "Anna Ruiz", "anna@acme.com", "Review", None),
        ("(Anna Ruiz) anna@acme.com Review (45m)", "Anna Ruiz", "anna@acme.com", "Review", "45"),
        ("Anna anna@acme.com Launch of “Atlas” 30m", "Anna", "anna@acme.com", "Launch of “Atlas”", "30"),
        ('Anna anna@acme.com "Atlas" launch', "Anna", "anna@acme.com", '"Atlas" launch', None),
        ("Anna &lt;anna@acme.com&gt; Plan &lt;B&gt;", "Anna", "anna@acme.com", "Plan <B>", None),
        ("Anna anna@acme.com Review (part 2)", "Anna", "anna@acme.com", "Review (part 2)", None),
        ("Anna anna@acme.com (Draft) Review (part 2) 45m", "Anna", "anna@acme.com", "(Draft) Review (part 2)", "45"),
        ('"Anna Ruiz" <anna@acme.com>, Review', "Anna Ruiz", "anna@acme.com", "Review", None),
        ("Anna, anna@acme.com, Review, 30 min", "Anna", "anna@acme.com", "Review", "30"),
        ("Anna &amp; Ben anna@acme.com R&amp;D", "Anna & Ben", "anna@acme.com", "R&D", None),
        ("Bob bob.o'neil@acme.com Sync", "Bob", "bob.o'neil@acme.com", "Sync", None),
        ("'Anna Ruiz' 'anna@acme.com' Sync", "Anna Ruiz", "anna@acme.com", "Sync", None),
        ("Анна anna@acme.com Обзор 20m", "Анна", "anna@acme.com", "Обзор", "20"),
        ("אנה anna@acme.com", "אנה", "anna@acme.com", None, None),
        ("help anna@acme.com", "help", "anna@acme.com", None, None),
        ("Anna anna@acme.com help", "Anna", "anna@acme.com", "help", None),
        ("Anna anna@acme Review", "Anna", "anna@acme", "Review", None),
        ("Anna anna@acme.com. 15m", "Anna", "anna@acme.com", None, "15"),
        ("Anna anna@acme.com Sync with <@U0PRIYA|priya> 30m", "Anna", "anna@acme.com", "Sync with @priya", "30"),
        ("Anna anna@acme.com Look at <https://acme.com/a|acme.com>", "Anna", "anna@acme.com",
         "Look at https://acme.com/a", None),
    ],
)  # fmt: skip
def test_words_find_their_fields(text: str, name: str, email: str, subject: str | None, minutes: str | None) -> None:
    assert prefill(text) == (name, email, subject, minutes)


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        ("45m", "45"), ("45 min", "45"), ("45min", "45"), ("45 minutes", "45"), ("1h", "60"), ("1 hour", "60"),
        ("2 hours", "120"), ("1h30", "90"), ("1h30m", "90"), ("1h 30m", "90"), ("1.5h", "90"), ("1,5h", "90"),
        ("8h", "480"), ("90M", "90"),
    ],
)  # fmt: skip
def test_durations_are_read_at_either_end(length: str, minutes: str) -> None:
    assert prefill(f"Anna a@acme.com Review {length}")[2:] == ("Review", minutes)
    assert prefill(f"Anna a@acme.com {length} Review")[2:] == ("Review", minutes)
    assert prefill(f"Anna a@acme.com {length}")[2:] == (None, minutes)


@pytest.mark.parametrize("subject", ["Q4 review", "Plan 30", "The 5 mistakes of 2026", "Room 12b", "10k run", "C3PO"])
def test_a_number_alone_is_no_duration(subject: str) -> None:
    assert prefill(f"Anna a@acme.com {subject}")[2:] == (subject, None)


@pytest.mark.parametrize("length", ["37m", "0m", "9h", "1h7m", "485 min"])
def test_a_duration_that_cannot_be_is_left_out_with_a_hint(length: str) -> None:
    command = parse(f"Anna a@acme.com Review {length}")
    assert isinstance(command, Invite)
    assert command.prefill[f.SUBJECT] == "Review"
    assert f.DURATION not in command.prefill
    [hint] = command.hints
    assert f"“{length}”" in hint
    assert "multiples of 5 minutes" in hint


def test_a_second_address_is_pointed_out() -> None:
    command = parse("Anna a@acme.com b@acme.com Review 30m")
    assert isinstance(command, Invite)
    assert command.prefill == {f.PARTICIPANT_NAME: "Anna", f.EMAIL: "a@acme.com", f.SUBJECT: "Review", f.DURATION: "30"}
    assert command.hints == ("One invitation goes to one person. For b@acme.com, send another one.",)


def test_words_without_an_address_are_the_name() -> None:
    assert prefill("Anna Ruiz") == ("Anna Ruiz", None, None, None)
    assert prefill("") == (None, None, None, None)


@pytest.mark.parametrize(
    ("text", "asked"),
    [("help", Help()), ("Help", Help()), ("  help ", Help()), ("settings", Settings()), ("Doctor", Doctor())],
)
def test_words_of_its_own_count_when_alone(text: str, asked: Help | Settings | Doctor) -> None:
    assert parse(text) == asked


@pytest.mark.parametrize("text", ["why K7D2M9QX", "WHY k7d2m9qx", "  why   K7D2M9QX "])
def test_why_asks_about_one_invitation(text: str) -> None:
    assert parse(text) == Why("K7D2M9QX")


@pytest.mark.parametrize("text", ["helpful", "help me", "why not", "settings Anna"])
def test_words_of_its_own_in_company_are_a_name(text: str) -> None:
    assert prefill(text)[0] == text


@pytest.mark.parametrize("text", ["why", "why K7D2M9Q0", "why K7D2", "WHY 0"])
def test_a_tracking_id_that_is_none_gets_a_hint(text: str) -> None:
    command = parse(text)
    assert isinstance(command, Invite)
    assert "name its Tracking ID: eight characters" in "".join(command.hints)


def test_a_name_that_begins_with_why_gets_none() -> None:
    assert parse("why not") == Invite({f.PARTICIPANT_NAME: "why not"})


@pytest.mark.parametrize("text", ["@priya", "<@U0PRIYA|priya>", "<@U0PRIYA>", "  @priya 30m"])
def test_a_colleague_is_recognised(text: str) -> None:
    assert parse(text) == Colleague()


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("anna.ruiz@acme.com", "Anna Ruiz"),
        ("anna_maria-ruiz@acme.com", "Anna Maria Ruiz"),
        ("anna.ruiz+crm@acme.com", "Anna Ruiz"),
        ("aruiz42@acme.com", "Aruiz"),
        ("ANNA@acme.com", "ANNA"),
        ("123@acme.com", "123"),
    ],
)
def test_a_missing_name_is_made_from_the_address(email: str, name: str) -> None:
    assert name_from(email) == name


@given(st.text(max_size=300))
def test_nothing_that_can_be_typed_breaks_it(text: str) -> None:
    parse(text)


@given(
    st.text("abcdefgh éßж", min_size=1, max_size=30).filter(str.strip),
    st.emails().filter(lambda email: all(c.isalnum() or c in ".-@" for c in email)),
)
def test_name_and_address_always_arrive_whole(name: str, email: str) -> None:
    assert prefill(f"{name} {email}")[:2] == (" ".join(name.split()), email)
