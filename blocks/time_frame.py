"""Step 2 of 3: within which times the customer may choose, with the number of slots that leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock, InputBlock, InputInteractiveElement, Option

from blocks import ids, inputs
from blocks.elements import button, minutes, option
from blocks.live_count import Count, count_blocks, count_title, spread_blocks
from blocks.views import View, drawn_once
from blocks.wizard import TITLE, alerts, step_header, step_view
from blocks.zones import zone_label
from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.invitation import Draft
from bot.domain.presets import Preset
from bot.domain.timeframe import Weekday

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR = 60
_DAY = 24 * _HOUR
_SPACINGS_MIN = (5, 10, 15, 20, 30, 45, 60)
_NOTICES_MIN = (0, 15, 30, 60, 120, 240, 480, _DAY, 2 * _DAY, 3 * _DAY, 5 * _DAY, 7 * _DAY)
_BUFFERS_MIN = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120)
_ORDINALS = ("first", "second", "third")
_WHICH_RANGE = ("", "Second range · ", "Third range · ")
_PRESET_ACTIONS = {
    Preset.THIS_WEEK: ids.PRESET_THIS_WEEK,
    Preset.NEXT_WEEK: ids.PRESET_NEXT_WEEK,
    Preset.NEXT_TWO_WEEKS: ids.PRESET_NEXT_TWO_WEEKS,
}


def time_frame_view(draft: Draft, count: Count, now: datetime, *, warnings: Sequence[str] = ()) -> View:
    """Every field tells of its change, so that the count follows. The app may set any of them, by a preset or a way
    out."""
    fields, generation = draft.fields, draft.generation
    zone = fields.get(f.TIME_ZONE)
    blocks = [
        step_header(2, "Set your meeting time frame"),
        *count_blocks(count, now),
        *alerts(warnings),
        _presets(),
        _date(f.START_DATE, fields.get(f.START_DATE), "Start date", generation),
        _date(f.END_DATE, fields.get(f.END_DATE), "End date", generation),
        _days(tuple(fields.get(f.DAYS) or ()), generation),
        *_ranges(fields, generation),
        _zone(zone, zone_label(zone, now) if zone else "", generation),
        _spacing(fields.get(f.SPACING), generation),
        _length_of(f.NOTICE, fields.get(f.NOTICE), "Minimum notice", _NOTICES_MIN, generation),
        _length_of(f.BUFFER_BEFORE, fields.get(f.BUFFER_BEFORE), "Buffer before", _BUFFERS_MIN, generation),
        _length_of(f.BUFFER_AFTER, fields.get(f.BUFFER_AFTER), "Buffer after", _BUFFERS_MIN, generation),
        _working_hours(bool(fields.get(f.WORKING_HOURS)), generation),
        DividerBlock(),
        *spread_blocks(count),
    ]
    return step_view(ids.TIME_FRAME_VIEW, draft, blocks, submit="Next", title=count_title(count, TITLE))


@drawn_once
def _presets() -> Block:
    return ActionsBlock(
        block_id="presets",
        elements=[button(preset.value, action) for preset, action in _PRESET_ACTIONS.items()],
    )


@drawn_once
def _date(field: str, value: str | None, label: str, generation: int) -> Block:
    return _field(inputs.date_picker(field, {field: value}), label, generation)


@drawn_once
def _days(values: tuple[str, ...], generation: int) -> Block:
    days = [option(name, str(int(day))) for day, name in zip(Weekday, _WEEKDAYS, strict=True)]
    return _field(inputs.multi_select(f.DAYS, {f.DAYS: values}, days), "Days", generation)


@drawn_once
def _zone(zone: str | None, label: str, generation: int) -> Block:
    chosen = option(label, zone) if zone else None
    return _field(inputs.search(f.TIME_ZONE, chosen, "City, country or UTC offset"), "Time zone", generation)


@drawn_once
def _spacing(value: str | None, generation: int) -> Block:
    options = [option("Same as the duration", "duration"), *_lengths(_SPACINGS_MIN, value)]
    select = inputs.select(f.SPACING, {f.SPACING: value}, options)
    return _field(select, "Slot spacing", generation, hint="How far apart the offered times start.")


@drawn_once
def _length_of(field: str, value: str | None, label: str, choices_min: tuple[int, ...], generation: int) -> Block:
    return _field(inputs.select(field, {field: value}, _lengths(choices_min, value)), label, generation)


@drawn_once
def _working_hours(is_on: bool, generation: int) -> Block:
    return _field(
        inputs.switch(f.WORKING_HOURS, {f.WORKING_HOURS: is_on}, "Of every Team member"),
        "Respect working hours",
        generation,
        optional=True,
        hint="Whoever has set none works Monday to Friday, 09:00–17:00 in their own time zone.",
    )


def _field(
    element: InputInteractiveElement, label: str, generation: int, *, hint: str | None = None, optional: bool = False
) -> InputBlock:
    return inputs.field(element, label, hint=hint, optional=optional, dispatch=True, generation=generation)


def _ranges(fields: inputs.Fields, generation: int) -> list[Block]:
    """The ranges of time that there are, and the buttons for one more and one less."""
    shown = wizard.range_count(fields)
    blocks: list[Block] = []
    for (start, end), which in zip(f.RANGES[:shown], _WHICH_RANGE, strict=False):
        hint = "00:00 is midnight. The same time as From is a whole day." if start == f.FROM else None
        blocks += [
            _time(start, fields.get(start), f"{which}From", None, generation),
            _time(end, fields.get(end), f"{which}To", hint, generation),
        ]
    return [*blocks, _more_or_fewer(shown)]


@drawn_once
def _time(field: str, value: str | None, label: str, hint: str | None, generation: int) -> Block:
    return _field(inputs.time_picker(field, {field: value}), label, generation, hint=hint)


@drawn_once
def _more_or_fewer(shown: int) -> Block:
    more = [button("Add a time range", ids.ADD_RANGE)] if shown < len(f.RANGES) else []
    less = [button(f"Remove the {_ORDINALS[shown - 1]} range", ids.REMOVE_RANGE)] if shown > 1 else []
    return ActionsBlock(block_id="ranges", elements=[*more, *less])


def _lengths(choices_min: Sequence[int], present: object) -> list[Option]:
    """The usual lengths, and the present one where it is none of them."""
    text = str(present)
    extra = [int(text)] if text.isdigit() and int(text) not in choices_min else []
    return [option(_length(choice), str(choice)) for choice in sorted([*choices_min, *extra])]


def _length(length_min: int) -> str:
    days, rest = divmod(length_min, _DAY)
    if days and not rest:
        return "1 day" if days == 1 else f"{days} days"
    return minutes(timedelta(minutes=length_min)).capitalize()
