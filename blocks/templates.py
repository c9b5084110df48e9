"""Templates in the wizard: chosen in the first view, saved from step 3."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, Option

from blocks import ids, inputs
from blocks.elements import OPTIONS_LIMIT, TITLE_LIMIT, context, option, plain
from blocks.views import View
from bot.domain import fields as f
from bot.domain.invitation import Draft
from bot.domain.templates import Template

NO_TEMPLATE = "–"
"""In place of an id: the product's own defaults, or a template that is none yet."""


def template_blocks(draft: Draft, templates: Sequence[Template]) -> list[Block]:
    """The field of the first view; nothing where there is no template to choose."""
    if not templates:
        return []
    options = [option("None", NO_TEMPLATE), *_options(templates)]
    element = inputs.select(f.TEMPLATE, draft.fields, options)
    hint = "It fills in everything but the customer. You can still change all of it."
    return [inputs.field(element, "Template", optional=True, hint=hint, dispatch=True, generation=draft.generation)]


def save_template_view(draft: Draft, changeable: Sequence[Template], name: str) -> View:
    """On top of step 3. `changeable` are those that may be replaced, `name` is what is proposed."""
    blocks: list[Block] = [
        inputs.field(inputs.text(ids.TEMPLATE_NAME, {ids.TEMPLATE_NAME: name}), "Template name"),
    ]
    if changeable:
        options = [option("Nothing, save a new one", NO_TEMPLATE), *_options(changeable)]
        present = {ids.TEMPLATE_REPLACED: NO_TEMPLATE}
        blocks.append(inputs.field(inputs.select(ids.TEMPLATE_REPLACED, present, options), "Replaces"))
    switches = (
        (ids.TEMPLATE_SHARED, "Who can use it", "Everybody in this workspace, not just me"),
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


def _options(templates: Sequence[Template]) -> list[Option]:
    return [option(template.name, template.id) for template in templates[: OPTIONS_LIMIT - 1]]
