"""Step 2 of 3: within which times the customer may choose, with the number of slots that leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock, InputBlock, InputInteractiveElement, Option

from blocks import ids, inputs
from blocks.elements import button, minutes, option
from blocks.live_count import Count, count_blocks, count_title, spread_blocks
from blocks.views import View
from blocks.wizard import TITLE, alerts, step_header, step_view
from blocks.zones import zone_option
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
    """Every field tells of its change, so that the count follows."""
    fields = draft.fields
    zone = fields.get(f.TIME_ZONE)
    days = [option(name, str(int(day))) for day, name in zip(Weekday, _WEEKDAYS, strict=True)]
    same = option("Same as the duration", "duration")
    blocks = [
        step_header(2, "Set your meeting time frame"),
        *count_blocks(count, now),
        *alerts(warnings),
        ActionsBlock(
            block_id="presets",
            elements=[button(preset.value, action) for preset, action in _PRESET_ACTIONS.items()],
        ),
        *(
            _field(draft, inputs.date_picker(field, fields), label)
            for field, label in ((f.START_DATE, "Start date"), (f.END_DATE, "End date"))
        ),
        _field(draft, inputs.multi_select(f.DAYS, fields, days), "Days"),
        *_ranges(draft),
        _field(
            draft,
            inputs.search(f.TIME_ZONE, zone_option(zone, now) if zone else None, "City, country or UTC offset"),
            "Time zone",
        ),
        _field(
            draft,
            inputs.select(f.SPACING, fields, [same, *_lengths(_SPACINGS_MIN, fields.get(f.SPACING))]),
            "Slot spacing",
            hint="How far apart the offered times start.",
        ),
        *(
            _field(draft, inputs.select(field, fields, _lengths(choices, fields.get(field))), label)
            for field, label, choices in (
                (f.NOTICE, "Minimum notice", _NOTICES_MIN),
                (f.BUFFER_BEFORE, "Buffer before", _BUFFERS_MIN),
                (f.BUFFER_AFTER, "Buffer after", _BUFFERS_MIN),
            )
        ),
        _field(
            draft,
            inputs.switch(f.WORKING_HOURS, fields, "Of every Team member"),
            "Respect working hours",
            optional=True,
            hint="Whoever has set none works Monday to Friday, 09:00–17:00 in their own time zone.",
        ),
        DividerBlock(),
        *spread_blocks(count),
    ]
    return step_view(ids.TIME_FRAME_VIEW, draft, blocks, submit="Next", title=count_title(count, TITLE))


def _field(
    draft: Draft, element: InputInteractiveElement, label: str, *, hint: str | None = None, optional: bool = False
) -> InputBlock:
    """A field that tells of its change. The app may set any of them, by a preset or a way out."""
    return inputs.field(element, label, hint=hint, optional=optional, dispatch=True, generation=draft.generation)


def _ranges(draft: Draft) -> list[Block]:
    """The ranges of time that there are, and the buttons for one more and one less."""
    shown = wizard.range_count(draft.fields)
    blocks: list[Block] = []
    for (start, end), which in zip(f.RANGES[:shown], _WHICH_RANGE, strict=False):
        blocks += [
            _field(draft, inputs.time_picker(start, draft.fields), f"{which}From"),
            _field(
                draft,
                inputs.time_picker(end, draft.fields),
                f"{which}To",
                hint="00:00 is midnight. The same time as From is a whole day." if start == f.FROM else None,
            ),
        ]
    more = [button("Add a time range", ids.ADD_RANGE)] if shown < len(f.RANGES) else []
    less = [button(f"Remove the {_ORDINALS[shown - 1]} range", ids.REMOVE_RANGE)] if shown > 1 else []
    return [*blocks, ActionsBlock(block_id="ranges", elements=[*more, *less])]


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
