"""Asking context brokers that strangers name (NGSIv2; ETSI GS CIM 009 NGSI-LD): a page of entities, and what stands in them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import httpx
import orjson

from tdpf.kit import json_paths
from tdpf.kit.certificates import client_context
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import (
    Deadline,
    Resolver,
    TooSlow,
    pinned_client,
    system_resolver,
    unpacked,
    unreached,
    vetted_address,
)
from tdpf.kit.text import Text

Version = Literal["v2", "ld"]

MOST_AT_ONCE = 1000
"""Entities that a broker gives in one answer."""
MOST_BYTES = 32 << 20
_VALUE_NAMES = ("value", "object", "languageMap", "vocab", "json", "valueList", "objectList")
_PAIR = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*\Z")


class BrokerAnswered(Problem):
    """The broker answered that it will not do what was asked, or not with a list of entities."""

    code: ClassVar[str] = "brokers/answered"
    status: ClassVar[int] = 502
    title = Text("ブローカーが断りました", "The broker refused")
    detail = Text("ブローカーの答え: {answer} {said}", "The broker says: {answer} {said}")
    cure = Text(
        "ブローカーのURL、NGSIの版、型、テナント、認証を確かめてください。",
        "Check the broker's address, the version of NGSI, the type, the tenant and the credential.",
    )


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Which entities of which broker; `headers` and `url` carry the credential. `simplified` asks for values alone.

    `shown` is a client certificate with its key (PEM).
    """

    url: str
    version: Version
    entity_type: str
    tenant: str = ""
    service_path: str = ""
    context: str = ""
    simplified: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Conditions in the broker's own words: statements of `q` that all hold, ids, and the parameters of a place."""

    q: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    georel: Mapping[str, str] = field(default_factory=dict)


class Asking:
    """One conversation with a broker: its name was vetted once, and no answer goes beyond the deadline."""

    def __init__(self, place: BrokerPlace, client: httpx.Client, deadline: Deadline, seconds: float) -> None:
        self._place = place
        self._client = client
        self._deadline = deadline
        self._seconds = seconds

    def entities(self, asked: Asked, *, limit: int, offset: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return entities, and how many there are in all if the broker says so.

        Raises BrokerAnswered, FetchFailed, TooLarge, TooSlow.
        """
        place = self._place
        is_ld = place.version == "ld"
        parameters: dict[str, str] = {
            **place.query, "type": place.entity_type, "limit": str(limit), "offset": str(offset), **asked.georel,
        }  # fmt: skip
        options = [*([] if is_ld else ["count"]), *(["keyValues"] if place.simplified else [])]
        parameters |= {"options": ",".join(options)} if options else {}
        parameters |= {"count": "true"} if is_ld else {}
        parameters |= {"q": ";".join(asked.q)} if asked.q else {}
        parameters |= {"id": ",".join(asked.ids)} if asked.ids else {}
        path = "/ngsi-ld/v1/entities" if is_ld else "/v2/entities"
        body, headers = self._get(place.url.rstrip("/") + path, parameters)
        if not isinstance(body, list) or any(not isinstance(one, dict) for one in body):
            raise BrokerAnswered(answer=200, said="it is not a list of entities")
        told = headers.get("ngsild-results-count" if is_ld else "fiware-total-count", "")
        return body, int(told) if told.isascii() and told.isdecimal() else None

    def _get(self, url: str, parameters: Mapping[str, str]) -> tuple[Any, httpx.Headers]:
        try:
            with self._client.stream("GET", url, params=parameters, headers=_headers(self._place)) as answer:
                whole = b"".join(unpacked(answer, url=url, max_bytes=MOST_BYTES))
        except httpx.TimeoutException:
            raise TooSlow(url=url, limit_seconds=self._seconds) from None
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise unreached(url, fault) from None
        try:
            body = orjson.loads(whole)
        except orjson.JSONDecodeError:
            body = None
        if answer.status_code != 200 or body is None:
            raise BrokerAnswered(answer=answer.status_code, said=_said(body))
        return body, answer.headers


def _headers(place: BrokerPlace) -> dict[str, str]:
    found = {"accept": "application/json", **place.headers}
    if place.version == "ld":
        found |= {"ngsild-tenant": place.tenant} if place.tenant else {}
        if place.context:
            kind = 'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
            found["link"] = f"<{place.context}>; {kind}"
        return found
    found |= {"fiware-service": place.tenant} if place.tenant else {}
    return found | ({"fiware-servicepath": place.service_path} if place.service_path else {})


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    words = [str(body[name]) for name in ("error", "title", "description", "detail") if isinstance(body.get(name), str)]
    return ": ".join(words)[:200]


@contextmanager
def asking(
    place: BrokerPlace, *, seconds: float, allow_private: bool = False, resolver: Resolver = system_resolver
) -> Iterator[Asking]:
    """Ask a broker for as long as `seconds` at most; redirects are not followed. Raises AddressRefused, FetchFailed."""
    deadline = Deadline(time.monotonic() + seconds)
    address, _, _ = vetted_address(place.url, allow_private=allow_private, resolver=resolver)
    with pinned_client(address, deadline, client_context("", place.shown)) as client:
        yield Asking(place, client, deadline, seconds)


def value_at(entity: Mapping[str, Any], origin: str, version: Version, *, simplified: bool) -> Any:
    """Return what an origin names in an entity; None when nothing stands there.

    `id`, `type`; an attribute; `attribute.member` of its value; `attribute@lat` and `attribute@lon` of its point;
    `attribute@name` for what is said about it (metadata, `observedAt`, `unitCode`).
    """
    if origin in ("id", "type"):
        return entity.get(origin)
    path, _, part = origin.partition("@")
    name, inner = _attribute(entity, path)
    raw = entity.get(name)
    if raw is None:
        return None
    one = raw if simplified else _default_instance(raw)
    value = one if simplified else _value(one)
    if part in ("lat", "lon"):
        point = _point(value)
        return None if point is None else point[part == "lon"]
    if part:
        return None if simplified or not isinstance(one, dict) else _said_about(one, part, version)
    return json_paths.value_at(value, inner)


def is_simplified(entity: Mapping[str, Any], version: Version) -> bool:
    """Say whether an entity came as values alone: some attribute does not say of which kind it is."""
    attributes = [value for name, value in entity.items() if name not in ("id", "type", "@context")]
    return not all(_says_its_kind(_default_instance(value), version) for value in attributes)


def _says_its_kind(value: Any, version: Version) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    return "value" in value if version == "v2" else any(name in value for name in _VALUE_NAMES)


def _attribute(entity: Mapping[str, Any], path: str) -> tuple[str, str]:
    """Return the attribute a path begins with, the longest that is there, and the rest."""
    cut = len(path)
    while cut > 0:
        if path[:cut] in entity:
            return path[:cut], path[cut + 1 :]
        cut = path.rfind(".", 0, cut)
    return path, ""


def _default_instance(raw: Any) -> Any:
    if isinstance(raw, list):
        instances = [one for one in raw if isinstance(one, dict)]
        return next((one for one in instances if "datasetId" not in one), instances[0] if instances else None)
    return raw


def _value(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    return next((one[name] for name in _VALUE_NAMES if name in one), None)


def _said_about(one: Mapping[str, Any], part: str, version: Version) -> Any:
    found = json_paths.value_at(one.get("metadata", {}), part) if version == "v2" else one.get(part)
    return _value(found) if isinstance(found, dict) else found


def _point(value: Any) -> tuple[float, float] | None:
    """Return latitude and longitude of a GeoJSON point, or of NGSIv2's `geo:point`."""
    if isinstance(value, str) and (pair := _PAIR.match(value)):
        return float(pair.group(1)), float(pair.group(2))
    if isinstance(value, dict) and value.get("type") == "Point":
        numbers = value.get("coordinates")
        if isinstance(numbers, Sequence) and len(numbers) >= 2 and all(_is_number(one) for one in numbers[:2]):
            return float(numbers[1]), float(numbers[0])
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def origins_of(
    entities: Sequence[Mapping[str, Any]], version: Version, *, simplified: bool
) -> list[tuple[str, str, str]]:
    """Return the columns that entities could have: a name, a type that their values fit, and the origin."""
    found = [("id", "string", "id")]
    names = dict.fromkeys(name for entity in entities for name in entity if name not in ("id", "type", "@context"))
    for name in names:
        values = [value_at(entity, name, version, simplified=simplified) for entity in entities if name in entity]
        if all(_point(value) is not None for value in values) and any(not isinstance(value, str) for value in values):
            first = not any(column[0] == "緯度" for column in found)
            found += [("緯度" if first else f"{name}の緯度", "number", f"{name}@lat"),
                      ("経度" if first else f"{name}の経度", "number", f"{name}@lon")]  # fmt: skip
        else:
            found.append((name, _type_of(values), name))
    return found


def _type_of(values: Sequence[Any]) -> str:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return "boolean"
    if known and all(_is_number(value) for value in known):
        return "integer" if all(isinstance(value, int) for value in known) else "number"
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)\Z")
    if known and all(isinstance(value, str) and moment.match(value) for value in known):
        return "datetime"
    return "string"
