"""Views as Slack gets them: checked as slack_sdk checks them, and written as JSON many times as fast.

Somebody waits for every view. slack_sdk looks through all the names of an object to find its checks, for each of the
hundred or so objects of a view, and copies what is nested once per level: more work than all the rest of a changed
field. What a class checks and writes does not change, so here it is found out once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from json import JSONEncoder
from typing import Any, ParamSpec

from slack_sdk.models import views
from slack_sdk.models.basic_objects import EMPTY_ALLOWED_TYPE_AND_PROPERTY_LIST, JsonObject
from slack_sdk.models.blocks import Block

Given = ParamSpec("Given")

_DRAWINGS_KEPT = 2048
_AS_THEY_ARE = frozenset((str, int, float, bool, dict, type(None)))
_encode = JSONEncoder(separators=(",", ":")).encode
_MAY_BE_EMPTY = frozenset((each["type"], each["property"]) for each in EMPTY_ALLOWED_TYPE_AND_PROPERTY_LIST)


class View(views.View):
    """slack_sdk's view. Every view of ours is one."""

    def to_dict(self, *_args: object) -> dict[str, Any]:
        """The same JSON as slack_sdk's. Raises SlackObjectFormationError where something does not fit."""
        return _object(self, _shape(views.View))


class WrittenDown(dict[str, Any]):
    """JSON whose text is known, not to be changed."""

    def __init__(self, json: Mapping[str, Any]) -> None:
        super().__init__(json)
        self.text: str = _encode(json)


class Written(Block):
    """A block that has been checked and written as JSON, to be shared and not to be changed."""

    def __init__(self, block: Block) -> None:
        super().__init__(type=block.type, block_id=block.block_id)
        self.written = WrittenDown(_json(block))

    def to_dict(self, *_args: object) -> dict[str, Any]:
        return self.written


def drawn_once(draw: Callable[Given, Block]) -> Callable[Given, Block]:
    """Remembers what a function has drawn, as `Written`: most of a view is as it was before, for everybody.

    Not for what people type: it would stay in memory.
    """

    @lru_cache(maxsize=_DRAWINGS_KEPT)
    def drawn(*args: Any, **named: Any) -> Block:
        return Written(draw(*args, **named))

    return drawn  # type: ignore[return-value]  # lru_cache hides the parameters


def text_of(json: object) -> str:
    """JSON as text: a view, or a call to Slack with it, in which the text of what was drawn once is not made again."""
    if isinstance(json, WrittenDown):
        return json.text
    if isinstance(json, dict) and ("view" in json or "blocks" in json):
        return "{" + ",".join([f"{_encode(name)}:{text_of(each)}" for name, each in json.items()]) + "}"
    if isinstance(json, list) and any(isinstance(each, WrittenDown) for each in json):
        return "[" + ",".join(map(text_of, json)) + "]"
    return _encode(json)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is known of a class: its checks, and its attributes in the order of their names."""

    checks: tuple[str, ...]
    attributes: tuple[str, ...]
    writes_itself: bool
    """It has a way of its own to become JSON."""


@cache
def _shape(kind: type[JsonObject]) -> _Shape:
    checks = (name for name in dir(kind) if hasattr(getattr(kind, name, None), "validator"))
    own = kind.to_dict is not JsonObject.to_dict or kind.validate_json is not JsonObject.validate_json
    attributes: Any = kind.attributes
    if isinstance(attributes, property):  # it names the class's attributes, whatever the object
        attributes = attributes.__get__(object.__new__(kind))
    return _Shape(tuple(checks), tuple(sorted(attributes)), own)


def _object(drawn: JsonObject, shape: _Shape) -> dict[str, Any]:
    for check in shape.checks:
        getattr(drawn, check)()
    kind = getattr(drawn, "type", None)
    written: dict[str, Any] = {}
    for name in shape.attributes:
        value = getattr(drawn, name, None)
        if value is None or (hasattr(value, "__len__") and not len(value) and (kind, name) not in _MAY_BE_EMPTY):
            continue
        written[name] = _json(value)
    return written


def _json(value: object) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Written):
        return value.written
    if isinstance(value, JsonObject):
        shape = _shape(type(value))
        if not shape.writes_itself:
            return _object(value, shape)
        return {name: _json(each) for name, each in value.to_dict().items()}
    return [_json(each) for each in value] if isinstance(value, list | tuple) else value
