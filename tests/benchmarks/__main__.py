"""`make bench`: every benchmark in turn, each in a process of its own, so that none warms up or burdens the next."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def benchmarks() -> Iterator[str]:
    """The modules of this package that measure something, by name."""
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        if "def rows(" in path.read_text():
            yield f"{__package__}.{path.stem}"


def main() -> int:
    """Run them all, or those named on the command line (`engine`); 1 where one failed."""
    chosen = {f"{__package__}.{name}" for name in sys.argv[1:]}
    statuses = [
        subprocess.run([sys.executable, "-m", name], check=False).returncode
        for name in benchmarks()
        if not chosen or name in chosen
    ]
    return int(any(statuses) or not statuses)


if __name__ == "__main__":
    sys.exit(main())
