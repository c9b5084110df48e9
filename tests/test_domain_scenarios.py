"""Scenarios: the published example, every default, and every way in which a line can be wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.scenarios import answer, run

EXAMPLE: dict[str, Any] = {
    "now": "2026-12-07T05:00:00Z",
    "frame": {
        "start_date": "2026-12-07",
        "end_date": "2026-12-08",
        "weekdays": ["mon", "tue", "wed", "thu", "fri"],
        "time_ranges": [["09:00", "12:00"]],
        "time_zone": "America/New_York",
    },
    "duration_min": 30,
    "spacing_min": 30,
    "notice_min": 0,
    "buffer_before_min": 0,
    "buffer_after_min": 0,
    "resources": {
        "ana": {"busy": [["2026-12-07T14:00:00Z", "2026-12-07T15:00:00Z"]]},
        "ben": {
            "busy": [["2026-12-07T16:00:00Z", "2026-12-07T17:00:00Z"]],
            "working_hours": {
                "time_zone": "Europe/Berlin",
                "weekly": {"mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]]},
            },
        },
        "room": {"unreadable": True},
    },
    "requirements": [["ana"], ["ben", "room"]],
}

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> str:
    """The example as a line, with a change made in place."""
    scenario = copy.deepcopy(EXAMPLE)
    change(scenario)
    return json.dumps(scenario)


def put(path: str, value: object) -> Change:
    """A change that sets a value: `frame.weekdays`, or `requirements.0` for an item of a list."""

    def change(scenario: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        target: Any = scenario
        for name in parents:
            target = target[int(name) if isinstance(target, list) else name]
        target[int(last) if isinstance(target, list) else last] = value

    return change


def drop(path: str) -> Change:
    def change(scenario: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        target = scenario
        for name in parents:
            target = target[name]
        del target[last]

    return change


def answered(line: str | bytes, *, explain: bool = False) -> dict[str, Any]:
    found = answer(line, explain=explain)
    assert found.ok, found.text
    reply: dict[str, Any] = json.loads(found.text)
    return reply


def error(line: str | bytes) -> str:
    found = answer(line, explain=True)
    assert not found.ok, found.text
    reply = json.loads(found.text)
    assert list(reply) == ["error"]
    return str(reply["error"])


def count(change: Change) -> int:
    return int(answered(changed(change))["count"])


def test_example_gives_the_published_answer() -> None:
    assert answered(json.dumps(EXAMPLE)) == {
        "count": 8,
        "slots": [
            "2026-12-07T15:00:00Z",
            "2026-12-07T15:30:00Z",
            "2026-12-08T14:00:00Z",
            "2026-12-08T14:30:00Z",
            "2026-12-08T15:00:00Z",
            "2026-12-08T15:30:00Z",
            "2026-12-08T16:00:00Z",
            "2026-12-08T16:30:00Z",
        ],
        "unreadable": ["room"],
    }


def test_explained_example_says_what_each_resource_costs() -> None:
    assert answered(json.dumps(EXAMPLE), explain=True)["costs"] == {"ana": 2, "ben": 2, "room": 2}


def test_only_resources_that_are_required_are_named_and_in_order() -> None:
    def change(scenario: dict[str, Any]) -> None:
        scenario["resources"] = {name: {"unreadable": True} for name in ("zoe", "ana", "other")}
        scenario["requirements"] = [["zoe"], ["ana", "zoe"]]

    reply = answered(changed(change), explain=True)
    assert reply["unreadable"] == ["ana", "zoe"]
    assert list(reply["costs"]) == ["ana", "zoe"]
    assert reply["count"] == 0


def test_lengths_that_default_to_nothing_may_be_left_out() -> None:
    def change(scenario: dict[str, Any]) -> None:
        for name in ("notice_min", "buffer_before_min", "buffer_after_min"):
            del scenario[name]

    assert count(change) == 8


@pytest.mark.parametrize(
    ("path", "value", "slots"),
    [
        ("now", "2026-12-07T10:30:00-05:00", 6),
        ("now", "2026-12-07T15:29:59.5Z", 7),
        ("now", "2026-12-07T15:29Z", 7),
        ("now", "2026-12-07T15:30Z", 6),
        ("notice_min", 601, 7),
        ("notice_min", 600, 8),
        ("requirements", [["ana", "ana"]], 10),
        ("requirements", [["ana"], ["ana"]], 0),
        ("resources.ana.busy", [], 10),
        ("resources.ana.busy", [["2026-12-07T15:10:00Z", "2026-12-07T15:10:00Z"]], 10),
        ("resources.ana.busy", [["2026-12-07T15:29:59Z", "2026-12-07T15:30:00.000001Z"]], 8),
        ("resources.ana.unreadable", True, 0),
        ("resources.ana.unreadable", False, 8),
        ("resources.ben.working_hours.weekly", {}, 0),
        ("resources.ben.working_hours.weekly", {"mon": []}, 0),
        ("resources.ben.working_hours.weekly", {"mon": [["00:00", "24:00"]]}, 2),
        ("resources.ben.working_hours.weekly", {"tue": [["00:00", "00:00"]]}, 6),
        ("frame.weekdays", ["mon", "mon"], 2),
        ("frame.weekdays", ["sun"], 0),
        ("frame.time_ranges", [["09:00", "12:00"], ["11:00", "12:00"]], 8),
        ("duration_min", 185, 0),
        ("spacing_min", 5, 38),
        ("buffer_after_min", 30, 7),
        ("buffer_before_min", 30, 7),
    ],
)
def test_change_of_one_value_gives_this_many_slots(path: str, value: object, slots: int) -> None:
    assert count(put(path, value)) == slots


def test_end_of_the_day_is_midnight() -> None:
    late = answered(changed(put("frame.time_ranges", [["23:00", "24:00"]])))
    assert late == answered(changed(put("frame.time_ranges", [["23:00", "00:00"]])))


def bad(path: str, value: object, named: str) -> Any:
    return pytest.param(put(path, value), named, id=f"{path}={value!r}"[:60])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        *(
            pytest.param(drop(path), path, id=f"no {path}")
            for path in (
                "now",
                "frame",
                "duration_min",
                "spacing_min",
                "resources",
                "requirements",
                "frame.start_date",
                "frame.end_date",
                "frame.weekdays",
                "frame.time_ranges",
                "frame.time_zone",
                "resources.ana.busy",
                "resources.ben.working_hours.time_zone",
                "resources.ben.working_hours.weekly",
            )
        ),
        bad("colour", "red", "colour"),
        bad("frame.colour", "red", "frame.colour"),
        bad("resources.ana.colour", "red", "resources.ana.colour"),
        bad("resources.ben.working_hours.colour", "red", "resources.ben.working_hours.colour"),
        bad("frame.weekdays", [], "frame.weekdays"),
        bad("frame.weekdays", "mon", "frame.weekdays"),
        bad("frame.weekdays", ["Mon"], "frame.weekdays[0]"),
        bad("frame.weekdays", ["mon", 1], "frame.weekdays[1]"),
        bad("frame.time_ranges", [], "frame.time_ranges"),
        bad("frame.time_ranges", ["09:00", "12:00"], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["09:00"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["09:00", "12:00", "13:00"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["24:00", "12:00"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["09:02", "12:00"]], "frame.time_ranges[0].start"),
        bad("frame.time_ranges", [["09:00", "12:01"]], "frame.time_ranges[0].end"),
        bad("frame.time_ranges", [["9:00", "12:00"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["09:00:00", "12:00"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["09:00", "25:00"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["09:00", "24:05"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [["٠٩:٠٠", "12:00"]], "frame.time_ranges[0]"),
        bad("frame.time_ranges", [[900, 1200]], "frame.time_ranges[0]"),
        bad("frame.end_date", "2026-12-06", "frame.end_date"),
        bad("frame.end_date", "2026-02-30", "frame.end_date"),
        bad("frame.start_date", "20261207", "frame.start_date"),
        bad("frame.start_date", "2026-12-07T00:00:00Z", "frame.start_date"),
        bad("frame.start_date", "0001-01-01", "frame.start_date"),
        bad("frame.end_date", "9999-12-31", "frame.end_date"),
        bad("frame.time_zone", "Mars/Olympus", "frame.time_zone"),
        bad("frame.time_zone", "Europe", "frame.time_zone"),
        bad("frame.time_zone", "", "frame.time_zone"),
        bad("frame.time_zone", None, "frame.time_zone"),
        bad("frame", [], "frame"),
        *(
            bad(path, value, path)
            for path in ("duration_min", "spacing_min")
            for value in (0, -30, 7, 30.0, 2.5, "30", True, None, 10**18, 10**9)
        ),
        *(
            bad(path, value, path)
            for path in ("buffer_before_min", "buffer_after_min")
            for value in (-5, 3, 5.0, False, 10**15)
        ),
        *(bad("notice_min", value, "notice_min") for value in (-1, 1.5, "60", True, None, 10**15)),
        bad("now", "2026-12-07T05:00:00", "now"),
        bad("now", "2026-12-07", "now"),
        bad("now", "2026-12-07 05:00:00Z", "now"),
        bad("now", "2026-12-07T25:00:00Z", "now"),
        bad("now", "2026-W50-1T05:00:00Z", "now"),
        bad("now", "0001-01-01T00:00:00+14:00", "now"),
        bad("now", 1796619600, "now"),
        bad("resources", [], "resources"),
        bad("resources.ana", None, "resources.ana"),
        bad("resources.ana.busy", None, "resources.ana.busy"),
        bad("resources.ana.busy", [["2026-12-07T15:00:00Z"]], "resources.ana.busy[0]"),
        bad("resources.ana.busy", [["2026-12-07T15:00:00Z", "2026-12-07T14:00:00Z"]], "resources.ana.busy[0]"),
        bad("resources.ana.busy", [["2026-12-07T15:00:00", "2026-12-07T16:00:00Z"]], "resources.ana.busy[0]"),
        bad("resources.ana.unreadable", 1, "resources.ana.unreadable"),
        bad("resources.ana.unreadable", "yes", "resources.ana.unreadable"),
        bad("resources.ana.working_hours", None, "resources.ana.working_hours"),
        bad("resources.ben.working_hours.time_zone", "Berlin", "resources.ben.working_hours.time_zone"),
        bad("resources.ben.working_hours.weekly", [], "resources.ben.working_hours.weekly"),
        bad("resources.ben.working_hours.weekly", {"monday": []}, "resources.ben.working_hours.weekly"),
        bad("resources.ben.working_hours.weekly", {"mon": [["09:03", "10:00"]]}, "resources.ben.working_hours.weekly"),
        bad("requirements", [], "requirements"),
        bad("requirements", {}, "requirements"),
        bad("requirements", [[]], "requirements"),
        bad("requirements", [["ana"], []], "requirements"),
        bad("requirements", ["ana"], "requirements[0]"),
        bad("requirements", [["ana", "carl"]], "requirements[0][1]"),
        bad("requirements", [[{}]], "requirements[0][0]"),
    ],
)
def test_bad_value_is_an_error_that_names_the_field(change: Change, named: str) -> None:
    assert error(changed(change)).startswith(named)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        "7",
        '"text"',
        "{} {}",
        "\ufeff{}",
        b"\xff\xfe{",
        "[" * 100_000,
        json.dumps(EXAMPLE).replace("30", "NaN", 1),
        json.dumps(EXAMPLE).replace('"duration_min": 30', '"duration_min": NaN'),
        json.dumps(EXAMPLE).replace('"duration_min": 30', '"duration_min": -Infinity'),
        json.dumps(EXAMPLE).replace('"duration_min": 30', '"duration_min": ' + "9" * 5000),
        json.dumps(EXAMPLE).replace('"duration_min": 30', '"duration_min": 30, "duration_min": 60'),
        json.dumps(EXAMPLE).replace('"unreadable": true', '"unreadable": true, "unreadable": true'),
    ],
)
def test_line_that_is_no_sound_json_object_is_an_error(line: str | bytes) -> None:
    text = error(line)
    assert text.partition(":")[0] in {"line", "duration_min", "unreadable"}


def test_repeated_key_is_named() -> None:
    line = json.dumps(EXAMPLE).replace('"spacing_min": 30', '"spacing_min": 30, "spacing_min": 30')
    assert error(line).startswith("spacing_min")


def test_bad_line_leaves_the_others_alone_and_blank_ones_are_skipped() -> None:
    answers = list(run(["\n", json.dumps(EXAMPLE) + "\n", "nonsense\n", "   \n", json.dumps(EXAMPLE)], explain=False))
    assert [reply.ok for reply in answers] == [True, False, True]
    assert answers[0] == answers[2]
    assert not any("\n" in reply.text for reply in answers)


def test_lines_may_come_as_bytes() -> None:
    assert [reply.ok for reply in run([json.dumps(EXAMPLE).encode(), b"\n", b"\xff\n"], explain=True)] == [True, False]


def test_byte_order_mark_before_everything_is_no_part_of_it() -> None:
    line = json.dumps(EXAMPLE)
    plain = list(run([line], explain=False))
    assert list(run([f"\ufeff{line}"], explain=False)) == list(run([line.encode("utf-8-sig")], explain=False)) == plain
    assert list(run(["\ufeff\n", line], explain=False)) == plain
    assert not any(reply.ok for reply in run(["\n", f"\ufeff{line}"], explain=False))


def test_names_in_any_script_come_back() -> None:
    def change(scenario: dict[str, Any]) -> None:
        scenario["resources"]["Ånä 🐝"] = {"unreadable": True}
        scenario["requirements"] = [["Ånä 🐝", "ana"]]

    assert answered(changed(change))["unreadable"] == ["Ånä 🐝"]
