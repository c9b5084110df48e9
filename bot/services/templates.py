"""Templates: saved from the wizard, shared or not, each person's favourites and default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.domain import calendar_choice
from bot.domain import fields as f
from bot.domain.ids import TemplateId, new_id
from bot.domain.people import Person
from bot.domain.templates import Template, applied, captured
from bot.domain.typed import line
from bot.errors import FormError, NameTakenError, NotAllowedError, NotFoundError
from bot.ports import Clock, UnitOfWork, UnitOfWorkFactory

NAME = "name"
"""The fields that a FormError of this service names."""
SHARED = "is_shared"
MAX_NAME = 80

_GONE = "This template is not there any more, or it is somebody else’s own."


@dataclass(frozen=True, slots=True)
class Listed:
    """A template as one person sees it."""

    template: Template
    is_favourite: bool
    is_default: bool
    may_change: bool


class Templates:
    """A person sees their own templates and the shared ones; all others are not there (NotFoundError).

    Only its owner changes a template; a shared one may also be changed by Administrators, but not made private, or it
    would be gone for them too. Others get NotAllowedError.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def list(self, person: Person) -> tuple[Listed, ...]:
        """The person's default first, then their favourites, then the others, each by name."""
        with self._unit_of_work() as unit:
            return listed(unit, person)

    def get(self, person: Person, template_id: str) -> Template:
        """Raises NotFoundError."""
        with self._unit_of_work() as unit:
            return _find(unit, person, template_id)

    def apply(self, template: Template, person: Person, today: date) -> dict[str, Any]:
        """The wizard's fields as the template sets them today. Raises NotFoundError where it is not the person's."""
        if not _may_see(person, template):
            raise NotFoundError(_GONE)
        fields = applied(template, today)
        chosen = calendar_choice.named(fields.get(f.CALENDAR))
        if chosen:
            with self._unit_of_work() as unit:
                own = unit.connections.of_user(person.workspace_id, person.user_id)
            if chosen[0] not in {connection.id for connection in own}:
                fields[f.CALENDAR] = calendar_choice.DEFAULT  # gone, or that of whoever shares the template
        return fields

    def save(
        self,
        person: Person,
        name: str,
        fields: Mapping[str, Any],
        *,
        is_shared: bool = False,
        overwrite: str | None = None,
    ) -> Template:
        """A new template from a draft's fields, or the one with the id `overwrite` replaced.

        Raises FormError, NotFoundError, NotAllowedError; then nothing has changed.
        """
        name = _name(name)
        kept = captured(fields, self._today(person, fields))
        with self._unit_of_work(write=True) as unit:
            before = _changeable(unit, person, overwrite, is_shared=is_shared) if overwrite else None
            template = Template(
                id=before.id if before else TemplateId(new_id()),
                workspace_id=person.workspace_id,
                owner_id=before.owner_id if before else person.user_id,
                name=name,
                fields=kept.fields,
                starts_in_days=kept.starts_in_days,
                span_days=kept.span_days,
                is_shared=is_shared,
            )
            _put(unit, template)
            unit.commit()
        return template

    def change(self, person: Person, template_id: str, *, name: str, is_shared: bool) -> Template:
        """Its name, and whether it is the workspace's. Raises as `save`."""
        name = _name(name)
        with self._unit_of_work(write=True) as unit:
            before = _changeable(unit, person, template_id, is_shared=is_shared)
            template = replace(before, name=name, is_shared=is_shared)
            _put(unit, template)
            unit.commit()
        return template

    def delete(self, person: Person, template_id: str) -> None:
        """Deleting twice is deleting once. Raises NotAllowedError."""
        with self._unit_of_work(write=True) as unit:
            template = unit.templates.get(TemplateId(template_id), lock=True)
            if template is None or not _may_see(person, template):
                return
            unit.templates.delete(_changeable(unit, person, template_id).id)
            unit.commit()

    def set_favourite(self, person: Person, template_id: str, favourite: bool) -> None:
        """For this person alone. Raises NotFoundError."""
        with self._unit_of_work(write=True) as unit:
            template = _find(unit, person, template_id)
            favourites, default = unit.templates.marks(person.workspace_id, person.user_id, lock=True)
            changed = favourites | {template.id} if favourite else favourites - {template.id}
            unit.templates.set_marks(person.workspace_id, person.user_id, changed, default)
            unit.commit()

    def set_default(self, person: Person, template_id: str | None) -> None:
        """What this person's wizard begins with; None: the product's own defaults. Raises NotFoundError."""
        with self._unit_of_work(write=True) as unit:
            default = _find(unit, person, template_id).id if template_id else None
            favourites, _ = unit.templates.marks(person.workspace_id, person.user_id, lock=True)
            unit.templates.set_marks(person.workspace_id, person.user_id, favourites, default)
            unit.commit()

    def _today(self, person: Person, fields: Mapping[str, Any]) -> date:
        """The date where the frame is."""
        zone = fields.get(f.TIME_ZONE)
        now: datetime = self._clock()
        return now.astimezone(ZoneInfo(zone if zone in available_timezones() else person.time_zone)).date()


def listed(unit: UnitOfWork, person: Person) -> tuple[Listed, ...]:
    """The person's default first, then their favourites, then the others, each by name."""
    visible = unit.templates.visible_to(person.workspace_id, person.user_id)
    favourites, default = unit.templates.marks(person.workspace_id, person.user_id)
    found = [
        Listed(one, one.id in favourites, one.id == default, may_change=_may_change(person, one)) for one in visible
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_default, not one.is_favourite)))


def _may_see(person: Person, template: Template) -> bool:
    return template.workspace_id == person.workspace_id and (template.is_shared or template.owner_id == person.user_id)


def _may_change(person: Person, template: Template) -> bool:
    return template.owner_id == person.user_id or (template.is_shared and person.is_admin)


def _find(unit: UnitOfWork, person: Person, template_id: str, *, lock: bool = False) -> Template:
    template = unit.templates.get(TemplateId(template_id), lock=lock)
    if template is None or not _may_see(person, template):
        raise NotFoundError(_GONE)
    return template


def _changeable(unit: UnitOfWork, person: Person, template_id: str, *, is_shared: bool = True) -> Template:
    template = _find(unit, person, template_id, lock=True)
    if not _may_change(person, template):
        raise NotAllowedError(
            "This template belongs to a colleague. Save yours under another name, or ask an administrator."
        )
    if not is_shared and template.owner_id != person.user_id:
        raise FormError({SHARED: "Only whoever made it can make it private. Leave it to everybody, or save a new one."})
    return template


def _put(unit: UnitOfWork, template: Template) -> None:
    try:
        unit.templates.put(template)
    except NameTakenError as error:
        sentence = "There is a template of this name already. Choose another name, or replace that one."
        raise FormError({NAME: sentence}) from error


def _name(typed: str) -> str:
    name = line(typed)
    if not name:
        raise FormError({NAME: "Give the template a name, for example Demo."})
    if len(name) > MAX_NAME:
        raise FormError({NAME: f"Names can have up to {MAX_NAME} characters."})
    return name
