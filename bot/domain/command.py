"""What was typed behind `/invite`: a name, an address, a subject and a duration, or a word for help.

`/invite Anna Ruiz anna@acme.com Roadmap review 45m`: words before the address are the name, after it
the subject and the duration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain import fields as f
from bot.domain.wizard import duration_of

MAILTO = re.compile(r"<mailto:([^|<>?]+)(?:\?[^|<>]*)?(?:\|([^<>]*))?>")
_LINK = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|([^>]*))?>")
_PART = r"[^\s@<>,;:\"'()]"
_LETTER = r"[^\W\d_]"
ADDRESS = re.compile(rf"(?<!{_PART})(?<!{_LETTER}'){_PART}+(?:(?<={_LETTER})'{_PART}+)*@{_PART}+")
"""Begins where a word does: looked for behind each character, a long text without spaces took seconds."""
_HOURS = r"(?P<h>\d{1,3}(?:[.,]\d)?)\s?(?:h|hr|hrs|hours?)(?:\s?(?P<hm>\d{1,2})\s?(?:m|min|mins|minutes?)?)?"
_MINUTES = r"(?P<m>\d{1,4})\s?(?:m|min|mins|minutes?)"
_DURATION_LAST = re.compile(rf"(?:^|\s)\(?(?:{_HOURS}|{_MINUTES})\)?$", re.IGNORECASE)
_DURATION_FIRST = re.compile(rf"^\(?(?:{_HOURS}|{_MINUTES})\)?(?=\s|$)", re.IGNORECASE)
_AROUND = " <>,;:\"'“”‘’"
_PAIRS = (("<", ">"), ('"', '"'), ("“", "”"))
_WHY = re.compile(r"why\s+([A-HJ-NP-Z2-9]{8})", re.IGNORECASE)
_MEANT_WHY = re.compile(r"why(?:\s+\S*\d\S*)?", re.IGNORECASE)
_WHY_HINT = (
    "To see what explains the count of an invitation, name its Tracking ID: eight characters, never 0, 1, I or O. "
    "It is on its card in App Home."
)


@dataclass(frozen=True, slots=True)
class Invite:
    """Open the wizard with these fields. `hints` say what could not be used, and what to do instead."""

    prefill: Mapping[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """The person asks what explains the count of this Invitation. `tracking_id` is in capitals."""

    tracking_id: str


@dataclass(frozen=True, slots=True)
class Help:
    """The person asks what the command does."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The person asks for their settings."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """The person asks whether all is well with their calendars and settings."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the workspace was named: that is what Slack's own `/invite` is for."""


Command = Invite | Why | Help | Settings | Doctor | Colleague

_SOLE_WORDS: Mapping[str, Command] = {"help": Help(), "settings": Settings(), "doctor": Doctor()}


def parse(text: str) -> Command:
    """Never refuses: what is not understood stays where the person sees it, or becomes a hint."""
    words = " ".join(unescape(_LINK.sub(r"\1", MAILTO.sub(r" \1 ", text))).split())
    if alone := _SOLE_WORDS.get(words.lower()):
        return alone
    if asked := _WHY.fullmatch(words):
        return Why(asked[1].upper())
    address = ADDRESS.search(words)
    if address is None:
        if _MENTION.search(words) or words.startswith("@"):
            return Colleague()
        if _MEANT_WHY.fullmatch(words):
            return Invite({f.PARTICIPANT_NAME: words}, (_WHY_HINT,))
        return Invite({f.PARTICIPANT_NAME: words} if words else {})
    email = address[0].rstrip(".!?")
    name = _bare(words[: address.start()]) or name_from(email)
    subject, others = _without_addresses(_bare(words[address.end() :]))
    subject, duration, hints = _split_duration(subject)
    prefill: dict[str, Any] = {f.PARTICIPANT_NAME: name, f.EMAIL: email}
    if subject:
        prefill[f.SUBJECT] = subject
    if duration:
        prefill[f.DURATION] = duration
    if others:
        hints = (*hints, f"One invitation goes to one person. For {', '.join(others)}, send another one.")
    return Invite(prefill, hints)


def name_from(email: str) -> str:
    """A name made from an address: "anna.ruiz+crm@acme.com" → "Anna Ruiz"."""
    local = email.partition("@")[0].partition("+")[0]
    parts = [part.strip("0123456789") for part in re.split(r"[._-]+", local)]
    return " ".join(part[0].upper() + part[1:] for part in parts if part) or local


def _split_duration(subject: str) -> tuple[str, str | None, tuple[str, ...]]:
    """The subject without its duration, the minutes as text, and a hint where they cannot be used."""
    found = _DURATION_LAST.search(subject) or _DURATION_FIRST.search(subject)
    if not found:
        return subject, None, ()
    rest = _bare(subject[: found.start()] + subject[found.end() :])
    minutes = str(_minutes(found))
    if duration_of(minutes) is None:
        hint = (
            f"Durations are multiples of 5 minutes, up to 8 hours, so “{found[0].strip(' ()')}” was left out. "
            "Choose one in the next step."
        )
        return rest, None, (hint,)
    return rest, minutes, ()


def _minutes(found: re.Match[str]) -> int:
    if found["m"]:
        return int(found["m"])
    return round(float(found["h"].replace(",", ".")) * 60) + int(found["hm"] or 0)


def _without_addresses(text: str) -> tuple[str, list[str]]:
    others = ADDRESS.findall(text)
    return _bare(" ".join(ADDRESS.sub(" ", text).split())), others


def _bare(text: str) -> str:
    """Without the brackets, quotes and separators around it; mentions read as people read them."""
    readable = _stripped(_MENTION.sub(lambda mention: f"@{mention[1]}" if mention[1] else "", text))
    if re.fullmatch(r"\([^()]*\)", readable):
        readable = readable[1:-1]
    opened, closed = readable.count("("), readable.count(")")
    if opened != closed:  # the other one stands with the address
        readable = readable.rstrip(_AROUND + "(") if opened > closed else readable.lstrip(_AROUND + ")")
    return " ".join(readable.split())


def _stripped(text: str) -> str:
    """Without what is around it, but for the partner of a quote or bracket inside: `Launch of "Atlas"`."""
    found = text.strip(_AROUND)
    before, after = text[: text.find(found)], text[text.find(found) + len(found) :]
    for opening, closing in _PAIRS:
        opened, closed = found.count(opening), found.count(closing)
        is_odd = opening == closing and opened % 2 == 1
        if (opened > closed or is_odd) and closing in after:
            found += closing
        elif (closed > opened or is_odd) and opening in before:
            found = opening + found
    return found


def unescape(text: str) -> str:
    """Slack's three entities."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
