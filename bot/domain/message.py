"""What a Slack message says about whom to invite: an address, a name beside it, a first line.

Messages hold the same in several places (docs.slack.dev/reference/objects/message): text, blocks, attachments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.domain import fields as f
from bot.domain.addresses import is_address
from bot.domain.command import ADDRESS, MAILTO, name_from, unescape
from bot.domain.people import Person
from bot.domain.wizard import MAX_NAME, MAX_SUBJECT

_LINK = re.compile(r"<(?:https?|tel):[^|<>]+\|([^<>]*)>|<((?:https?|tel):[^|<>]+)>")
_MENTION = re.compile(r"<[@#!][^|<>]*(?:\|([^<>]*))?>")
_STYLE = re.compile(r"(?<!\w)[*_~`]+|[*_~`]+(?!\w)")
_AFTER = re.compile(r"[>)\s]*[(\[“\"]\s*([^()\[\]“”\"<>@]+?)\s*[)\]”\"]")
_FAMILY_FIRST = re.compile(r"[\"“]([^\"“”,<>\n]+),([^\"“”,<>\n]+)[\"”][\s<(]*$")
"""As Outlook writes people: "Ruiz, Anna" <anna@acme.com>."""
_NAMED = re.compile(r"\W*(?:(?:full|customer|contact|your) )?name\W*:\s*(.+)", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"([^\s,;:()\[\]<>\"“”]+)([\s\"“”]*)$")
_PARTICLES = frozenset(("al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "la", "van", "von"))
_NO_NAMES = frozenset(
    (
        "address", "answer", "ask", "at", "attention", "bcc", "best", "by", "call", "cc", "cheers", "contact",
        "customer", "dear", "email", "e-mail", "for", "from", "greetings", "hello", "hey", "hi", "invite", "kind",
        "mail", "me", "meet", "meeting", "message", "my", "name", "new", "of", "on", "please", "ping", "reach",
        "regards", "reply", "sent", "set", "subject", "team", "thank", "thanks", "the", "to", "via", "with", "write",
    )
)  # fmt: skip
"""Words that begin with a capital at the start of a sentence, and are nobody's name."""
_MOST_WORDS = 4
_WIDE = re.compile(r"(?<=[<(\[“]) +| +(?=[>)\]”,.;:!?])")
"""Spaces that an address without its link has left beside it."""


def prefill(message: Mapping[str, Any], author: Person | None) -> dict[str, Any]:
    """The wizard's fields, as far as the message says: name, address, subject.

    The first address wins. Its name is what is written beside it; the author's where the address is theirs; else one
    made from the address. `author` is who wrote the message, where that is known.
    """
    texts = list(_texts(message))
    found: dict[str, Any] = {}
    for text in map(_with_addresses, texts):
        address = next((match for match in ADDRESS.finditer(text) if is_address(_bare(match[0]))), None)
        if address:
            email = _bare(address[0])
            beside = _name_before(text[: address.start()]) or _name_after(text[address.end() :])
            theirs = author.name if author and author.email.lower() == email.lower() else ""
            name = _label(texts, email) or beside or theirs or _name_line(texts) or name_from(email)
            found = {f.PARTICIPANT_NAME: name[:MAX_NAME], f.EMAIL: email}
            break
    lines = [line.strip() for text in texts for line in _readable(text).splitlines() if line.strip()]
    if lines:
        subject = " ".join(_STYLE.sub("", lines[0]).split())
        found[f.SUBJECT] = _WIDE.sub("", subject)[:MAX_SUBJECT].strip()
    return found


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    """Every text of the message, in Slack's mrkdwn: its own, then of its blocks, then of its attachments."""
    if message.get("text"):
        yield str(message["text"])
    for block in message.get("blocks") or ():
        yield _block_text(block)
    for attachment in message.get("attachments") or ():
        for key in ("pretext", "author_name", "title", "text"):
            if attachment.get(key):
                yield str(attachment[key])
        for field in attachment.get("fields") or ():
            yield f"{field.get('title') or ''}: {field.get('value') or ''}"
        for block in attachment.get("blocks") or ():
            yield _block_text(block)
        for shared in attachment.get("message_blocks") or ():
            yield _block_text((shared.get("message") or {}).get("blocks"))
        if attachment.get("fallback"):
            yield str(attachment["fallback"])


def _block_text(part: Any) -> str:
    """The words of a block or of a part of it; parts of a line are joined, others stand on lines of their own."""
    if isinstance(part, list):
        return "\n".join(filter(None, map(_block_text, part)))
    if not isinstance(part, Mapping):
        return ""
    match part.get("type"):
        case "link":
            url, label = str(part.get("url") or ""), str(part.get("text") or "")
            return f"<{url}|{label}>" if url.startswith("mailto:") else label or url
        case "text" | "mrkdwn" | "plain_text":
            return str(part.get("text") or "")
        case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
            return "".join(map(_block_text, part.get("elements") or ()))
        case _:
            return "\n".join(
                filter(None, (_block_text(part.get(key)) for key in ("text", "fields", "elements", "title")))
            )


def _readable(text: str) -> str:
    """As people see it: links and mentions by their words."""
    plain = MAILTO.sub(lambda link: link[2] or f" {link[1]} ", text)
    plain = _LINK.sub(lambda link: link[1] or link[2] or "", plain)
    return unescape(_MENTION.sub(lambda mention: mention[1] or "", plain)).replace("\xa0", " ")


def _with_addresses(text: str) -> str:
    """The same with every address itself, whatever its link is called."""
    return _readable(MAILTO.sub(r" \1 ", text))


def _label(texts: Sequence[str], email: str) -> str:
    """What a link to that address is called, where that is a name."""
    links = (link for text in texts for link in MAILTO.finditer(text) if link[1] == email)
    return next((name for link in links if (name := _name(unescape(link[2] or "")))), "")


def _name_line(texts: Sequence[str]) -> str:
    """What stands on a line behind the word name, as forms write it."""
    lines = (line for text in texts for line in _readable(text).splitlines())
    return next((name for line in lines if (found := _NAMED.match(line)) and (name := _name(found[1]))), "")


def _bare(address: str) -> str:
    return address.strip("*_~`").rstrip(".!?")


def _name_before(text: str) -> str:
    """The capitalised words right before the address: "please invite Anna Ruiz <" → "Anna Ruiz"."""
    if (quoted := _FAMILY_FIRST.search(text.rpartition("\n")[2])) and (name := _name(f"{quoted[2]} {quoted[1]}")):
        return name
    rest = text.rpartition("\n")[2].rstrip(' \t<(["“”*_|-–—,')
    if rest.endswith((":", ";", ".", "?", "!")):
        return ""
    words: list[str] = []
    while len(words) < _MOST_WORDS and (found := _WORD_BEFORE.search(rest)):
        word = found[1].strip("*_~`")
        if not (_is_name(word) or (words and word in _PARTICLES)):
            break
        words.insert(0, word)
        rest = rest[: found.start()]
        if not rest.endswith((" ", "\t")):
            break
        rest = rest.rstrip(" \t")
        if rest.endswith((",", ";", ":", ".", "?", "!")):
            break
    while words and words[0] in _PARTICLES:
        words.pop(0)
    return " ".join(words)


def _name_after(text: str) -> str:
    """What stands in brackets or quotes right behind the address: "anna@acme.com (Anna Ruiz)"."""
    found = _AFTER.match(text.partition("\n")[0])
    return _name(found[1]) if found else ""


def _name(text: str) -> str:
    """The text where it is a name, else nothing."""
    words = _STYLE.sub("", text).split()
    is_name = 0 < len(words) <= _MOST_WORDS and all(_is_name(word) or word in _PARTICLES for word in words)
    return " ".join(words) if is_name else ""


def _is_name(word: str) -> bool:
    return bool(word) and word[0].isalpha() and not word[0].islower() and word.lower().rstrip(".") not in _NO_NAMES
