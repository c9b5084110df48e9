"""What Setup's modals share: the frame, paging, and the question before something is removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, DividerBlock

from blocks import elements as el
from blocks.views import View


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str = "Cancel",
    data: str = "",
) -> View:
    """`data` is the view's private_metadata: what the modal is about, or its page."""
    return View(
        type="modal",
        callback_id=callback_id,
        private_metadata=data,
        title=el.plain(title, el.TITLE_LIMIT),
        submit=el.plain(submit, el.TITLE_LIMIT) if submit else None,
        close=el.plain(close, el.TITLE_LIMIT),
        blocks=blocks,
    )


def paging(action: str, page: int, last: int, about: str = "") -> list[Block]:
    """*Previous* and *Next*; nothing where one page is all. `value` is the page, and what the list is about."""
    if last == 0:
        return []
    buttons = [
        el.button(label, f"{action}:{number}", value=f"{number}:{about}")
        for label, number in (("Previous", page - 1), ("Next", page + 1))
        if 0 <= number <= last
    ]
    here = el.context(f"Page {page + 1} of {last + 1}")
    return [DividerBlock(), ActionsBlock(block_id="paging", elements=buttons), here]


def page_of(value: str) -> tuple[int, str]:
    """The page that a paging button leads to, and what the list is about."""
    number, _, about = value.partition(":")
    return (int(number) if number.isdecimal() else 0), about


def page_in(view: Mapping[str, Any]) -> tuple[int, str]:
    """The page that a view shows, or that lies below it, and what the view is about; of Slack's view object."""
    return page_of(view.get("private_metadata") or "")


def remove_button(label: str, action: str, value: str, title: str, consequence: str, confirm: str) -> ButtonElement:
    question = el.confirmation(title, consequence, confirm)
    return el.button(label, action, value=value, style="danger", confirm=question)
