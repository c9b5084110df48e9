"""Header lines for the wire (RFC 5322), their words beyond ASCII encoded (RFC 2047)."""

from __future__ import annotations

from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

_OTHER_MESSAGES = frozenset({"in-reply-to", "references"})
"""One message's id each."""


class WholeWords(EmailPolicy):
    """Subjects and names are read as they were written; they are encoded from first character to last, or not at all.

    Python encodes only the words that need it, and loses or doubles a blank where it folds lines between them. It drops
    the quotes of a name that it folds, and begins a subject of about one line on the second, after a blank. An id of
    another message that is longer than a line it encodes, so that no mail program knows it again.
    """

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _OTHER_MESSAGES:
            return f"{name}: {value}{self.linesep}"
        addresses: tuple[Address, ...] = getattr(value, "addresses", ())
        if not addresses and name.lower() != "subject":
            return str(super().fold(name, value))
        texts = [self._mailbox(name, one) for one in addresses] or [self._encoded(name, str(value))]
        return f"{name}: {f',{self.linesep} '.join(texts)}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")

    def _mailbox(self, name: str, address: Address) -> str:
        if address.display_name.isascii():
            return str(address)
        return f"{self._encoded(name, address.display_name)}{self.linesep} <{address.addr_spec}>"

    def _encoded(self, name: str, text: str) -> str:
        charset = "us-ascii" if text.isascii() else "utf-8"
        return Header(text, charset, header_name=name).encode(linesep=self.linesep)
