"""The parameters of one action: from the address, a form or JSON, each as a text, a number, a truth or a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest

from tdpf.faces.standards.ckan.refusals import Invalid

MOST_CHARACTERS = 4_000
MOST_VALUES = 100
_TRUE, _FALSE = ("true", "yes", "t", "y", "1", "on"), ("false", "no", "f", "n", "0", "off", "")
_WHOLE = re.compile(r"\s*[+-]?\d{1,18}\s*", re.ASCII)
Parameters = Mapping[str, Any]


class Unreadable(ValueError):
    """The body is not what was announced."""


def read_parameters(request: HttpRequest) -> dict[str, Any]:
    """Return the parameters by name, one value or a list of them; raises Unreadable.

    As CKAN reads them: the address for GET; a form, or JSON, for POST; a form with one key and no value is JSON too
    (`curl -d '{…}'`).
    """
    if request.method == "POST" and request.POST:
        form = _mixed(dict(request.POST.lists()))
        if len(form) == 1 and next(iter(form.values())) in ("1", ""):
            return _object(next(iter(form)))
        return form
    if request.GET:
        return _mixed(dict(request.GET.lists()))
    if request.method == "POST" and request.content_type != "multipart/form-data" and request.body:
        return _object(request.body)
    return {}


def text(given: Parameters, name: str, default: str = "") -> str:
    """Return a text, tidied of what no text has; raises Invalid."""
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else value
    if isinstance(value, bool | int | float):
        value = str(value)
    if not isinstance(value, str):
        raise Invalid(name, "Must be a string")
    if len(value) > MOST_CHARACTERS:
        raise Invalid(name, f"Must be at most {MOST_CHARACTERS} characters")
    return value.replace("\0", "")


def needed(given: Parameters, name: str) -> str:
    """Return a text that must be there; raises Invalid."""
    value = text(given, name).strip()
    if not value:
        raise Invalid(name, "Missing value")
    return value


def whole(given: Parameters, name: str, default: int, *, most: int = 2**31) -> int:
    """Return a natural number, cut to `most`; raises Invalid."""
    value = given.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
        raise Invalid(name, "Invalid integer" if not str(value).strip().isdigit() else "Must be a natural number")
    if int(value) < 0:
        raise Invalid(name, "Must be a natural number")
    return min(int(value), most)


def truth(given: Parameters, name: str, *, default: bool = False) -> bool:
    """Return yes or no; raises Invalid."""
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    word = str(value)[:10].strip().lower()
    if word not in _TRUE + _FALSE:
        raise Invalid(name, "Must be a boolean")
    return word in _TRUE


def several(given: Parameters, name: str) -> list[str]:
    """Return a list of texts: a list, a JSON list in a text, or one text; raises Invalid."""
    value = given.get(name)
    if value in (None, "", []):
        return []
    if isinstance(value, str):
        value = _list_in(name, value)
    if not isinstance(value, list) or len(value) > MOST_VALUES:
        raise Invalid(name, "Not a list")
    return [text({name: item}, name) for item in value]


def document(given: Parameters, name: str) -> Any:
    """Return an object or list that may be written as JSON in a text; raises Invalid."""
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        return value or None
    if len(value) > MOST_CHARACTERS * 4:
        raise Invalid(name, "Too long")
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Invalid(name, "Cannot parse JSON") from None


def _list_in(name: str, value: str) -> Any:
    if not value.lstrip().startswith("["):
        return [value]
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Invalid(name, "Cannot parse JSON") from None


def _mixed(lists: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else values for name, values in lists.items() if values}


def _object(written: str | bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(written)
    except orjson.JSONDecodeError as fault:
        raise Unreadable(f"Error decoding JSON data. Error: {fault}") from None
    if not isinstance(found, dict):
        raise Unreadable("Request data JSON decoded to something that is not a dictionary.")
    return found
