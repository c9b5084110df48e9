"""Times and leaves as HTML: nothing unescaped, every time with its offset where the day has two."""

from __future__ import annotations

from datetime import date, datetime
from html.parser import HTMLParser

from bot.domain.wording import ClockStyle
from bot.web.pages import Choice, Day, Slot, choice_of
from bot.web.times import leaves, sections

LINK = "/i/token"


class Elements(HTMLParser):
    """Every start tag with its attributes, and which tags are open in the end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def choice(instants: tuple[datetime, ...], zone: str) -> Choice:
    return choice_of(instants, zone, ClockStyle.TWENTY_FOUR)


def starts(*instants: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(instant) for instant in instants)


def test_every_time_is_a_link_that_names_its_slot_and_its_day() -> None:
    instants = starts("2026-12-01T15:00Z", "2026-12-01T15:30Z", "2026-12-02T09:00Z")
    elements = Elements(sections(choice(instants, "Europe/Berlin"), "Europe/Berlin", LINK, "?tz=Europe%2FBerlin"))
    assert elements.open == []
    assert [section["id"] for section in elements.of("section")] == ["day-2026-12-01", "day-2026-12-02"]
    assert [(link["href"], link["aria-label"]) for link in elements.of("a")] == [
        (f"{LINK}/20261201T150000Z?tz=Europe%2FBerlin", "16:00, Tuesday, 1 December"),
        (f"{LINK}/20261201T153000Z?tz=Europe%2FBerlin", "16:30, Tuesday, 1 December"),
        (f"{LINK}/20261202T090000Z?tz=Europe%2FBerlin", "10:00, Wednesday, 2 December"),
    ]
    assert elements.of("time")[0]["datetime"] == "2026-12-01T15:00:00+00:00"


def test_times_of_a_day_on_which_the_clock_changes_carry_their_offsets() -> None:
    instants = starts("2026-11-01T05:30Z", "2026-11-01T06:30Z")
    html = sections(choice(instants, "America/New_York"), "America/New_York", LINK, "")
    assert '<span class="keep">(UTC-04:00 / UTC-05:00)</span>' in html
    assert [link["aria-label"] for link in Elements(html).of("a")] == [
        "01:30 UTC-04:00, Sunday, 1 November",
        "01:30 UTC-05:00, Sunday, 1 November",
    ]
    assert "<small>UTC-05:00</small>" in html


def test_utc_needs_no_offset() -> None:
    assert "keep" not in sections(choice(starts("2026-12-01T15:00Z"), "UTC"), "UTC", LINK, "")


def test_what_comes_from_outside_is_escaped() -> None:
    day = Day(date(2026, 12, 1), "<b>&", "<i>", (Slot("20261201T150000Z", "2026-12-01T15:00:00+00:00", "15:00", ""),))
    html = sections(Choice((day,), (), offset_changes=False), '"><s>', '/i/"><u>', '?tz="><q>')
    assert {tag for tag, _ in Elements(html).found} <= {"section", "h2", "p", "span", "ul", "li", "a", "time"}
    assert html.count("&lt;") == 6


def test_no_time_is_no_section() -> None:
    assert sections(choice((), "UTC"), "UTC", LINK, "") == ""
    assert leaves(choice((), "UTC")) == ""


def test_first_month_shows_and_every_date_is_in_its_week() -> None:
    elements = Elements(leaves(choice(starts("2026-12-31T12:00Z", "2027-01-04T12:00Z"), "UTC")))
    assert elements.open == []
    assert ["hidden" in table for table in elements.of("table")] == [False, True]
    dates = [cell["data-day"] for cell in elements.of("td") if "data-day" in cell]
    assert (dates[0], dates[-1], len(dates)) == ("2026-12-01", "2027-01-31", 62)


def test_what_is_kept_is_kept_for_its_own_starts_zone_style_link_and_query() -> None:
    early, late = starts("2026-12-01T15:00Z"), starts("2026-12-01T15:30Z")
    asked = [
        (early, "UTC", ClockStyle.TWENTY_FOUR, LINK, ""),
        (late, "UTC", ClockStyle.TWENTY_FOUR, LINK, ""),
        (early, "Europe/Berlin", ClockStyle.TWENTY_FOUR, LINK, ""),
        (early, "UTC", ClockStyle.TWELVE, LINK, ""),
        (early, "UTC", ClockStyle.TWENTY_FOUR, "/i/other", ""),
        (early, "UTC", ClockStyle.TWENTY_FOUR, LINK, "?tz=UTC"),
    ]
    for _ in range(2):
        pages = {
            sections(choice_of(shown, zone, style), zone, link, query) for shown, zone, style, link, query in asked
        }
        assert len(pages) == len(asked)
