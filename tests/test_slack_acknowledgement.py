"""bot.slack.acknowledgement: given once, told at once, never taken back."""

from __future__ import annotations

from slack_bolt import BoltResponse

from bot.slack.acknowledgement import KeptAck


def test_whoever_waits_is_told_at_once_and_once() -> None:
    told: list[BoltResponse] = []
    ack = KeptAck(told.append)
    assert told == []
    first = ack("Here you are")
    ack("And again")
    assert told == [first]


def test_an_acknowledgement_stays() -> None:
    ack = KeptAck()
    given = ack("Here you are")
    ack.response = None
    assert ack.response is given
    ack.response = BoltResponse(status=500)
    assert ack.response is given


def test_a_failure_is_the_answer_where_nothing_was_acknowledged() -> None:
    told: list[BoltResponse] = []
    failure = BoltResponse(status=500)
    KeptAck(told.append).response = failure
    assert told == [failure]
