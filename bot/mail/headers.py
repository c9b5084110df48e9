"""Header lines for the wire (RFC 5322), their words beyond ASCII encoded (RFC 2047)."""

from __future__ import annotations

from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any


class WholeWords(EmailPolicy):
    """A text or a name beyond ASCII is encoded from its first character to its last.

    Python encodes only the words that need it, and loses or doubles a blank where lines are folded between them.
    """

    def fold(self, name: str, value: Any) -> str:
        addresses: tuple[Address, ...] = getattr(value, "addresses", ())
        if str(value).isascii():
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
        return Header(text, "utf-8", header_name=name).encode(linesep=self.linesep)
