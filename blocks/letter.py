"""Step 3 of 3: what the customer gets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import ActionsBlock, DividerBlock, Option, OptionGroup

from blocks import ids, inputs
from blocks.calendar_choice import calendar_field
from blocks.elements import OPTIONS_LIMIT, button, day, option, section
from blocks.live_count import count_title
from blocks.views import View
from blocks.wizard import TITLE, alerts, preformatted, step_header, step_view
from bot.domain import fields as f
from bot.domain.calendar_choice import CalendarChoice
from bot.domain.invitation import DeliveryMethod, Draft
from bot.domain.languages import LANGUAGES, language_of
from bot.domain.report import SlotReport
from bot.domain.wizard import MAX_PROMOTED, instant_text, instants

_DELIVERIES = (
    option("Send the email", DeliveryMethod.EMAIL),
    option("Give me the link, I pass it on myself", DeliveryMethod.LINK),
)

_LANGUAGES = [option(name, tag) for tag, name in LANGUAGES.items()]

_LINK = re.compile(r"\s*\bhttps?://\S+/i/\S+")
"""The customer's own links: long, and another one before anything is sent."""


def letter_view(
    draft: Draft,
    preview: str,
    count: SlotReport | None = None,
    *,
    calendars: CalendarChoice | None = None,
    warnings: Sequence[str] = (),
) -> View:
    """`preview`: the email as plain text, or the sentence that says why there is none yet; `count`, where it is known,
    stays in view; `calendars` is where the event may be created."""
    fields = draft.fields
    zone = str(fields.get(f.TIME_ZONE) or "UTC")
    promoted = [slot_option(start, zone) for start in instants(fields.get(f.PROMOTED) or ())]
    blocks = [
        step_header(3, "External participant notifications"),
        *alerts(warnings),
        inputs.field(inputs.text(f.EMAIL_SUBJECT, fields), "Email subject", generation=draft.generation),
        inputs.field(inputs.text(f.MESSAGE, fields, multiline=True), "Personal message", optional=True),
        inputs.field(
            inputs.switch(f.PROMOTE, fields, "List the times chosen below, one click each"),
            "Promote specific time slots in the email",
            optional=True,
            dispatch=True,
        ),
        inputs.field(
            inputs.multi_search(f.PROMOTED, promoted, "Add a day or a time", at_most=MAX_PROMOTED),
            "Times to promote",
            optional=True,
            hint=f"Up to {MAX_PROMOTED}, in {zone}. All other times stay one click away.",
            dispatch=True,
            generation=draft.generation,
        ),
        inputs.field(inputs.radio(f.DELIVERY, fields, _DELIVERIES), "Delivery", dispatch=True),
        inputs.field(
            inputs.select(f.LANGUAGE, {f.LANGUAGE: language_of(fields.get(f.LANGUAGE))}, _LANGUAGES),
            "Language of the email",
        ),
        inputs.field(
            inputs.switch(f.INCLUDE_CUSTOMER, fields, "Invite the customer in the calendar event too"),
            "Customer in the event",
            optional=True,
            hint="Otherwise only your side has it; the customer gets the confirmation, and can add it by hand.",
        ),
        calendar_field(draft, calendars or CalendarChoice()),
        inputs.field(
            inputs.channel(f.CHANNEL, fields, "Choose a channel"),
            "Notification channel",
            optional=True,
            hint="It gets a short note when the meeting is booked, moved or cancelled.",
        ),
        ActionsBlock(block_id="template", elements=[button("Save as template", ids.SAVE_TEMPLATE)]),
        DividerBlock(),
        section("*Preview of the email*", "preview_title", button("Update preview", ids.UPDATE_PREVIEW)),
        preformatted(_LINK.sub(" → link", preview), "preview"),
    ]
    title = count_title(count, TITLE) if count else None
    return step_view(ids.LETTER_VIEW, draft, blocks, submit="Invite", title=title)


def slot_option(start: datetime, zone: str) -> Option:
    """ "Tue 1 Dec, 15:00" on that zone's clock; the fold after a clock change is told apart by its offset."""
    local = start.astimezone(ZoneInfo(zone))
    return option(f"{day(local)}, {local:%H:%M}{_which_of_two(local)}", instant_text(start))


def slot_groups(starts: Iterable[datetime], zone: str, query: str) -> list[OptionGroup]:
    """The slots of which every word of the query is a part ("1 dec", "15:00"), by day; at most 100."""
    words = query.lower().replace(",", " ").split()
    groups: dict[str, list[Option]] = {}
    total = 0
    for start in starts:
        local = start.astimezone(ZoneInfo(zone))
        spelled = f"{local:%A %B} {local.day} {local:%H:%M} {local:%Y-%m-%d}".lower().split()
        if total < OPTIONS_LIMIT and all(any(part.startswith(word) for part in spelled) for word in words):
            groups.setdefault(day(local), []).append(slot_option(start, zone))
            total += 1
    return [OptionGroup(label=label, options=options) for label, options in groups.items()]


def _which_of_two(local: datetime) -> str:
    """Where the same wall-clock time comes twice, the offset."""
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f" (UTC{local:%z})" if is_twice else ""
