"""One listener for several ids."""

from __future__ import annotations

import re
from collections.abc import Iterable


def any_of(ids: Iterable[str]) -> re.Pattern[str]:
    """Matches each of them, and nothing else."""
    return re.compile(rf"^({'|'.join(map(re.escape, ids))})\Z")
