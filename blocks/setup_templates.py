"""Setup's templates: each with what can be done to it, the form for its name, and the question before it is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, OverflowMenuElement, SectionBlock

from blocks import elements as el
from blocks import ids, inputs
from blocks import setup_fields as form
from blocks.setup_modal import modal, paging
from blocks.templates import SHARED_LABEL, SHARED_WORDS
from blocks.views import View
from bot.domain.setup import TemplateItem
from bot.domain.templates import Template

PAGE_SIZE = 20


def template_block(item: TemplateItem) -> Block:
    """One template with what can be done to it."""
    template = item.template
    whose = "yours" if item.is_own else f"by {el.name(item.owner)}"
    reach = "for the whole workspace" if template.is_shared else "private"
    marks = [word for word, is_so in (("★ favourite", item.is_favourite), ("your default", item.is_default)) if is_so]
    options = [
        el.option(
            "Remove from favourites" if item.is_favourite else "Mark as favourite",
            f"{form.TEMPLATE_FAVOURITE}:{template.id}",
        ),
        el.option(
            "No default any more" if item.is_default else "Make it my default",
            f"{form.TEMPLATE_DEFAULT}:{template.id}",
        ),
    ]
    if item.may_change:
        options.append(el.option("Rename or share", f"{form.TEMPLATE_EDIT}:{template.id}"))
        options.append(el.option("Delete", f"{form.TEMPLATE_DELETE}:{template.id}"))
    return SectionBlock(
        block_id=f"template:{template.id}",
        text=el.mrkdwn(f"{el.bold(template.name)}\n{' · '.join([whose, reach, *marks])}"),
        accessory=OverflowMenuElement(action_id=ids.TEMPLATE_MENU, options=options),
    )


def templates_view(items: Sequence[TemplateItem], page: int) -> View:
    """One page of all that the person may see."""
    last = max(0, (len(items) - 1) // PAGE_SIZE)
    page = min(max(page, 0), last)
    shown = [template_block(item) for item in items[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]]
    blocks: list[Block] = [*(shown or [el.section("*No templates yet.*")]), *paging(ids.TEMPLATES_PAGE, page, last)]
    return modal(ids.TEMPLATES_VIEW, "Templates", blocks, close="Done", data=str(page))


def edit_template_view(template: Template, page: int) -> View:
    """Its name, and who can use it; what it fills in is replaced from step 3. `page` is that of the list below it."""
    present = {ids.TEMPLATE_NAME: template.name, ids.TEMPLATE_SHARED: template.is_shared}
    blocks: list[Block] = [
        inputs.field(inputs.text(ids.TEMPLATE_NAME, present), "Template name"),
        inputs.field(inputs.switch(ids.TEMPLATE_SHARED, present, SHARED_WORDS), SHARED_LABEL, optional=True),
        el.context("To change what it fills in, begin with it, and save it again under *Save as template* in step 3."),
    ]
    return modal(ids.EDIT_TEMPLATE_VIEW, "Edit template", blocks, submit="Save", data=f"{page}:{template.id}")


def delete_template_view(template: Template, page: int) -> View:
    others = " Nobody in the workspace can begin with it any more." if template.is_shared else ""
    question = el.section(f"Delete {el.bold(template.name)}?{others} Invitations made from it stay as they are.")
    data = f"{page}:{template.id}"
    return modal(ids.DELETE_TEMPLATE_VIEW, "Delete template", [question], submit="Delete", close="Keep it", data=data)
