"""Whole JSON kept beside the tests, so that a change of what people see is seen in review.

After a change that is meant, run the tests once with UPDATE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "golden"


def assert_golden(name: str, value: Any) -> None:
    """`value` is what `golden/<name>.json` holds."""
    kept = _FOLDER / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        _FOLDER.mkdir(exist_ok=True)
        kept.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert value == json.loads(kept.read_text(encoding="utf-8"))
