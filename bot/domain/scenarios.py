"""The slot engine on scenarios: one JSON object a line in, one a line out (`python -m bot slots`)."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from bot.domain.explain import explained_slots
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.slots import Calendar, SlotSearch, available_slots
from bot.domain.strict_json import ROOT, fields_of, items, mapping, pair, parsed, text_of
from bot.domain.timeframe import TimeFrame, TimeRange, Weekday
from bot.domain.working_hours import WorkingHours

T = TypeVar("T")

_WEEKDAYS = {weekday.name.lower(): weekday for weekday in Weekday}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_NAIVE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_MIDNIGHT = "24:00"
_END_OF_DAY = time(0)

_LENGTHS = ("duration", "spacing", "notice", "buffer_before", "buffer_after")
_REQUIRED = ("now", "frame", "duration_min", "spacing_min", "resources", "requirements")
_OPTIONAL = ("notice_min", "buffer_before_min", "buffer_after_min")


class Answer(NamedTuple):
    """One line of output, without its newline. `ok` is False where the line asked could not be understood."""

    text: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one line asks."""

    search: SlotSearch
    calendars: Mapping[ResourceId, Calendar]
    now: datetime


def run(lines: Iterable[str | bytes], *, explain: bool) -> Iterator[Answer]:
    """An answer to each line that is not blank. With `explain`, also what each resource costs.

    The byte order mark that some editors put before a text is not part of it.
    """
    texts = (_unmarked(line) if number == 0 else line for number, line in enumerate(lines))
    return (answer(line, explain=explain) for line in texts if line.strip())


def answer(line: str | bytes, *, explain: bool) -> Answer:
    """The answer to one line; a line that cannot be understood gives `{"error": "field: what is wrong"}`."""
    try:
        asked = scenario(line)
    except ValueError as exc:
        return Answer(json.dumps({"error": str(exc)}), ok=False)
    if explain:
        found = explained_slots(asked.search, asked.calendars, asked.now)
        slots, explanation = found.slots, {"costs": found.costs}
    else:
        slots, explanation = available_slots(asked.search, asked.calendars, asked.now), {}
    said = {
        "count": len(slots.starts),
        "slots": [start.isoformat().replace("+00:00", "Z") for start in slots.starts],
        "unreadable": slots.unreadable,
        **explanation,
    }
    return Answer(json.dumps(said), ok=True)


def scenario(line: str | bytes) -> Scenario:
    """What one line asks. Raises ValueError: the path of the field, a colon, what is wrong with it."""
    fields = fields_of(parsed(line), ROOT, _REQUIRED, _OPTIONAL)
    now = _instant(fields["now"], "now")
    frame = _frame(fields["frame"])
    lengths = {name: _minutes(fields.get(f"{name}_min", 0), f"{name}_min") for name in _LENGTHS}
    resources = mapping(fields["resources"], "resources")
    calendars = {ResourceId(name): _calendar(value, f"resources.{name}") for name, value in resources.items()}
    requirements = tuple(
        tuple(dict.fromkeys(_candidates(value, at, calendars)))
        for value, at in items(fields["requirements"], "requirements")
    )
    try:
        search = SlotSearch(frame=frame, requirements=requirements, **lengths)
    except ValueError as exc:
        name, colon, text = str(exc).partition(":")
        raise ValueError(f"{name}_min{colon}{text}" if name in _LENGTHS else str(exc)) from exc
    if not all(requirements):
        raise ValueError("requirements: each needs at least one candidate")
    return Scenario(search, calendars, now)


def _unmarked(line: str | bytes) -> str | bytes:
    return line.removeprefix(BOM_UTF8) if isinstance(line, bytes) else line.removeprefix(BOM_UTF8.decode())


# ---------------------------------------------------------------- parts of a scenario


def _frame(value: object) -> TimeFrame:
    keys = ("start_date", "end_date", "weekdays", "time_ranges", "time_zone")
    fields = fields_of(value, "frame", keys)
    start_date = _date(fields["start_date"], "frame.start_date")
    end_date = _date(fields["end_date"], "frame.end_date")
    weekdays = frozenset(_weekday(name, at) for name, at in items(fields["weekdays"], "frame.weekdays"))
    time_ranges = _time_ranges(fields["time_ranges"], "frame.time_ranges")
    time_zone = text_of(fields["time_zone"], "frame.time_zone")
    return _valid("frame", lambda: TimeFrame(start_date, end_date, weekdays, time_ranges, time_zone))


def _calendar(value: object, at: str) -> Calendar:
    fields = fields_of(value, at, (), ("busy", "working_hours", "unreadable"))
    unreadable = fields.get("unreadable", False)
    if not isinstance(unreadable, bool):
        raise ValueError(f"{at}.unreadable: must be true or false")
    if "busy" not in fields and not unreadable:
        raise ValueError(f"{at}.busy: is missing")
    spans = [_busy(pair, place) for pair, place in items(fields.get("busy", []), f"{at}.busy")]
    hours = _working_hours(fields["working_hours"], f"{at}.working_hours") if "working_hours" in fields else None
    return Calendar(tuple(span for span in spans if span is not None), hours, readable=not unreadable)


def _busy(value: object, at: str) -> Interval | None:
    """A busy time; None for one of zero length."""
    start, end = (_instant(instant, at) for instant in pair(value, at))
    if end < start:
        raise ValueError(f"{at}: ends before it starts")
    return Interval(start, end) if start < end else None


def _working_hours(value: object, at: str) -> WorkingHours:
    fields = fields_of(value, at, ("time_zone", "weekly"))
    time_zone = text_of(fields["time_zone"], f"{at}.time_zone")
    weekly = {
        _weekday(name, f"{at}.weekly"): _time_ranges(ranges, f"{at}.weekly.{name}")
        for name, ranges in mapping(fields["weekly"], f"{at}.weekly").items()
    }
    return _valid(at, lambda: WorkingHours.of(time_zone, weekly))


def _time_ranges(value: object, at: str) -> tuple[TimeRange, ...]:
    return tuple(_time_range(pair, place) for pair, place in items(value, at))


def _time_range(value: object, at: str) -> TimeRange:
    start, end = pair(value, at)
    opens = _time(start, at)
    closes = _END_OF_DAY if end == _MIDNIGHT else _time(end, at)
    return _valid(at, lambda: TimeRange(opens, closes))


def _candidates(value: object, at: str, known: Mapping[ResourceId, Calendar]) -> Iterator[ResourceId]:
    for name, place in items(value, at):
        resource = ResourceId(text_of(name, place))
        if resource not in known:
            raise ValueError(f"{place}: there is no resource {resource!r}")
        yield resource


# ---------------------------------------------------------------- values


def _weekday(value: object, at: str) -> Weekday:
    weekday = _WEEKDAYS.get(text_of(value, at))
    if weekday is None:
        raise ValueError(f"{at}: {value!r} is not a weekday, which are {', '.join(_WEEKDAYS)}")
    return weekday


def _minutes(value: object, at: str) -> timedelta:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{at}: must be a whole number of minutes")
    try:
        return timedelta(minutes=value)
    except OverflowError as exc:
        raise ValueError(f"{at}: is too long") from exc


def _date(value: object, at: str) -> date:
    text = text_of(value, at)
    if not _DATE.fullmatch(text):
        raise ValueError(f"{at}: must be a date like 2026-12-07")
    return _valid_text(date.fromisoformat, text, at, "there is no such date")


def _time(value: object, at: str) -> time:
    text = text_of(value, at)
    if not _TIME.fullmatch(text):
        raise ValueError(f"{at}: must hold times like 09:00")
    return _valid_text(time.fromisoformat, text, at, f"{text} is not a time of day (24:00 may only be an end)")


def _instant(value: object, at: str) -> datetime:
    """An instant as UTC."""
    text = text_of(value, at)
    if not _INSTANT.fullmatch(text):
        if _NAIVE.fullmatch(text):
            raise ValueError(f"{at}: needs a UTC offset, or Z")
        raise ValueError(f"{at}: must be an instant like 2026-12-07T05:00:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise ValueError(f"{at}: there is no such instant") from exc


def _valid(at: str, build: Callable[[], T]) -> T:
    """What `build` gives; its ValueError names a field below `at`."""
    try:
        return build()
    except ValueError as exc:
        raise ValueError(f"{at}.{exc}") from exc


def _valid_text(parse: Callable[[str], T], text: str, at: str, complaint: str) -> T:
    try:
        return parse(text)
    except ValueError as exc:
        raise ValueError(f"{at}: {complaint}") from exc
