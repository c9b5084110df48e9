"""A table of what was measured, each line beside its target and what the bare thing needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`bare` is the same without the product: the framework's, the disk's own share."""

    name: str
    ours: float
    target: float
    unit: str
    bare: float | None = None
    bare_name: str = ""
    more_is_better: bool = False

    @property
    def is_met(self) -> bool:
        return self.ours >= self.target if self.more_is_better else self.ours <= self.target


def print_table(lines: Iterable[Line]) -> None:
    """Line by line, as they are measured."""
    print(f"{'':58}{'ours':>9}{'target':>9}{'':4}{'bare':>9}")
    for line in lines:
        sign = "≥" if line.more_is_better else "≤"
        bare = "" if line.bare is None else f"{line.bare:9.1f} {line.bare_name}"
        verdict = "ok" if line.is_met else "MISSED"
        target = f"{sign}{line.target:g}"
        print(f"{f'{line.name}, {line.unit}':58}{line.ours:9.1f}{target:>9}  {bare:28} {verdict}", flush=True)
