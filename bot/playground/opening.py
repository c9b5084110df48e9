"""What has been said before the visitor comes in."""

from __future__ import annotations

from bot.playground.cast import DANA, GENERAL, MATEO, PRIYA, SALES
from bot.playground.conversations import Conversations

_LINES = (
    (GENERAL, DANA, "Good morning, everybody! All hands is on Wednesday, as always."),
    (SALES, MATEO, "Anna Ruiz <anna@acme.com> from Acme would like to go through the roadmap with us."),
    (SALES, PRIYA, "Happy to join. Dana, could you find a time that suits all of us?"),
)


def open_story(conversations: Conversations) -> None:
    for channel, actor, text in _LINES:
        conversations.say(actor.id, channel.id, text)
