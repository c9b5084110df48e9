"""Templates in the wizard: chosen in the first view, saved from step 3."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, InputInteractiveElement, Option

from blocks import ids, inputs
from blocks.elements import OPTIONS_LIMIT, TITLE_LIMIT, chosen, context, option, plain
from blocks.views import View
from bot.domain import fields as f
from bot.domain.invitation import Draft
from bot.domain.templates import Template

NO_TEMPLATE = "–"
"""In place of an id: the product's own defaults, or a template that is none yet."""
SHARED_LABEL = "Who can use it"
SHARED_WORDS = "Everybody in this workspace, not just me"
USE_NONE = "None"
REPLACE_NONE = "Nothing, save a new one"


def template_blocks(draft: Draft, templates: Sequence[Template]) -> list[Block]:
    """The field of the first view; nothing where there is no template to choose."""
    if not templates:
        return []
    element = _select(f.TEMPLATE, draft.fields.get(f.TEMPLATE), USE_NONE, templates)
    hint = "It fills in everything but the customer. You can still change all of it."
    return [inputs.field(element, "Template", optional=True, hint=hint, dispatch=True, generation=draft.generation)]


def save_template_view(
    draft: Draft, changeable: Sequence[Template], name: str, replaced: Template | None = None
) -> View:
    """On top of step 3. `changeable` are those that may be replaced, `name` is what is proposed for a new one;
    `replaced` has been chosen, and keeps its name and who can use it unless they are changed too."""
    present = {
        ids.TEMPLATE_NAME: replaced.name if replaced else name,
        ids.TEMPLATE_SHARED: replaced is not None and replaced.is_shared,
    }
    generation = changeable.index(replaced) + 1 if replaced else 0
    blocks: list[Block] = [
        inputs.field(inputs.text(ids.TEMPLATE_NAME, present), "Template name", generation=generation),
    ]
    if changeable:
        element = _select(ids.TEMPLATE_REPLACED, replaced.id if replaced else NO_TEMPLATE, REPLACE_NONE, changeable)
        blocks.append(inputs.field(element, "Replaces", dispatch=True))
    shared = inputs.switch(ids.TEMPLATE_SHARED, present, SHARED_WORDS)
    blocks.append(inputs.field(shared, SHARED_LABEL, optional=True, generation=generation))
    switches = (
        (ids.TEMPLATE_FAVOURITE, "Favourite", "Show it among the first"),
        (ids.TEMPLATE_DEFAULT, "Default", "Begin my invitations with it"),
    )
    blocks += [inputs.field(inputs.switch(each, {}, words), label, optional=True) for each, label, words in switches]
    return View(
        type="modal",
        callback_id=ids.SAVE_TEMPLATE_VIEW,
        title=plain("Save as template", TITLE_LIMIT),
        submit=plain("Save", TITLE_LIMIT),
        close=plain("Back", TITLE_LIMIT),
        private_metadata=draft.id,
        blocks=[*blocks, context("Everything is kept but the customer. Dates move along with the day of use.")],
    )


def template_options(templates: Sequence[Template], none: str, query: str) -> list[Option]:
    """Those of which the query is a part, after the word for none of them; at most 100."""
    found = [one for one in templates if query.strip().casefold() in one.name.casefold()]
    return [*([] if query.strip() else [option(none, NO_TEMPLATE)]), *map(_option, found)][:OPTIONS_LIMIT]


def _select(name: str, value: str | None, none: str, templates: Sequence[Template]) -> InputInteractiveElement:
    """All of them to choose from, or, where Slack takes no list as long, found by typing."""
    options = [option(none, NO_TEMPLATE), *map(_option, templates)]
    if len(options) <= OPTIONS_LIMIT:
        return inputs.select(name, {name: value}, options)
    return inputs.search(name, chosen(options, value), "Type a template’s name")


def _option(template: Template) -> Option:
    return option(template.name, template.id)
