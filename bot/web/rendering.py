"""HTML from templates, compiled once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import jinja2
from starlette.responses import HTMLResponse

from bot.web.times import leaves, sections


class Templates:
    """Renders pages. Static files are addressed by content, so that browsers may keep them for good."""

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("bot.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {"version": _version_of_static_files(), "leaves": leaves, "sections": sections}

    def page(
        self,
        template: str,
        words: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        html = self._environment.get_template(template).render(words)
        return HTMLResponse(html, status_code=status, headers=headers)


def _version_of_static_files() -> str:
    static = sorted(files("bot.web").joinpath("static").iterdir(), key=lambda file: file.name)
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in static if file.is_file())).hexdigest()[:12]
