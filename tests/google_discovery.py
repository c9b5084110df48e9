"""Google's own description of its APIs, against which every request and every pretended answer is checked.

The documents are those that google-api-python-client bundles. What it says in prose only (possible values, read-only
properties) is taken from the prose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import googleapiclient.discovery_cache as bundled  # type: ignore[import-untyped]  # it has no types of its own

CALENDAR, DIRECTORY = "calendar.v3", "admin.directory_v1"
APIS = ("/calendar/", "/admin/")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


@cache
def document(name: str = CALENDAR) -> Mapping[str, Any]:
    path = Path(bundled.__file__).parent / "documents" / f"{name}.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def document_of(path: str) -> Mapping[str, Any]:
    return document(DIRECTORY if path.startswith("/admin/") else CALENDAR)


def method_of(verb: str, path: str) -> tuple[str, Mapping[str, Any], dict[str, str]]:
    """The method's id and description, and the parameters in the path. Fails where there is none such."""
    described = document_of(path)
    for method in _methods(described):
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(method["path"]))
        match = re.fullmatch(f"/{described['servicePath']}{pattern}", path)
        if match and method["httpMethod"] == verb:
            return method["id"], method, {name: unquote(value) for name, value in match.groupdict().items()}
    raise AssertionError(f"Google has no method {verb} {path}")


def _methods(described: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those of a document or a resource, at any depth."""
    yield from described.get("methods", {}).values()
    for resource in described.get("resources", {}).values():
        yield from _methods(resource)


def complaints_about_request(verb: str, path: str, query: Mapping[str, list[str]], body: object) -> list[str]:
    """What Google would not understand of a request."""
    method_id, method, named = method_of(verb, path)
    described = document_of(path)
    parameters = {**described["parameters"], **method.get("parameters", {})}
    found = [f"{method_id}: no parameter {name}" for name in query if name not in parameters]
    for name, parameter in parameters.items():
        if parameter.get("required") and name not in query and name not in named:
            found.append(f"{method_id}: {name} is required")
        for value in query.get(name, ()):
            found.extend(_parameter(f"{method_id}: {name}", value, parameter))
    schema = method.get("request")
    if schema is None and body is not None:
        found.append(f"{method_id}: takes no body")
    if schema is not None:
        found.extend(complaints(f"{method_id}: body", body, schema, described, is_request=True))
    return found


def complaints_about_reply(verb: str, path: str, body: object) -> list[str]:
    """What Google would not have answered."""
    method_id, method, _ = method_of(verb, path)
    if "response" not in method:
        return [] if body is None else [f"{method_id}: answers nothing"]
    return list(complaints(f"{method_id}: reply", body, method["response"], document_of(path), is_request=False))


def scopes_of(verb: str, path: str) -> frozenset[str]:
    """Any of them is enough."""
    return frozenset(method_of(verb, path)[1]["scopes"])


def complaints(
    where: str, value: object, schema: Mapping[str, Any], described: Mapping[str, Any], *, is_request: bool
) -> Iterator[str]:
    """`described` is the document with the schemas that `schema` refers to."""
    if "$ref" in schema:
        schema = {**schema, **described["schemas"][schema["$ref"]]}
    said = schema.get("description", "")
    if value is None and is_request:
        return  # a patch takes a property away by null
    if is_request and "Read-only" in said:
        yield f"{where} is read-only"
    kind = schema.get("type", "any")
    if kind == "any":
        return
    if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        yield f"{where} is no {kind}: {value!r}"
        return
    if isinstance(value, str):
        yield from _text(where, value, schema)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from complaints(f"{where}[{index}]", item, schema["items"], described, is_request=is_request)
    if isinstance(value, dict):
        for name, inner in value.items():
            inner_schema = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if inner_schema is None:
                yield f"{where} has no property {name}"
            else:
                yield from complaints(f"{where}.{name}", inner, inner_schema, described, is_request=is_request)


def _parameter(where: str, value: str, parameter: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in parameter and value not in parameter["enum"]:
        yield f"{where} may not be {value}"
    if parameter["type"] == "integer" and not (
        value.isdecimal() and int(parameter.get("minimum", 0)) <= int(value) <= int(parameter.get("maximum", 2**31))
    ):
        yield f"{where} may not be {value}"
    if parameter["type"] == "boolean" and value not in ("true", "false"):
        yield f"{where} may not be {value}"


def _text(where: str, value: str, schema: Mapping[str, Any]) -> Iterator[str]:
    possible = schema.get("enum") or _possible_values(schema.get("description", ""))
    if possible and value not in possible:
        yield f"{where} may not be {value!r}"
    try:
        if schema.get("format") == "date":
            date.fromisoformat(value)
        if schema.get("format") == "date-time" and not re.search(r"(Z|[+-]\d\d:\d\d)$", value):
            yield f"{where} has no offset: {value!r}"
        if schema.get("format") == "date-time":
            datetime.fromisoformat(value)
    except ValueError:
        yield f"{where} is no {schema['format']}: {value!r}"


def _possible_values(said: str) -> list[str]:
    """Where the prose lists all of them."""
    _, _, values = said.partition("ossible values are:")
    return [] if "Some of the possible values" in said else re.findall(r'^- "(\w+)"', values, re.MULTILINE)
