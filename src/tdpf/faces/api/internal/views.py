"""The seven questions of the data plane."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import orjson
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services as access_services
from tdpf.controlplane.metering import services as metering
from tdpf.faces.api.internal.problems import (
    AnothersName,
    BadQuestion,
    MessageRefused,
    MethodRefused,
    NodeNotTrusted,
    SecretMissing,
)
from tdpf.kit.home import home
from tdpf.wire.codec import MalformedMessage, from_json, list_from_json, to_json
from tdpf.wire.leases import LeaseAsk
from tdpf.wire.messages import CounterReading, NodeHealth
from tdpf.wire.nodes import NODE_HEADER, may_speak_for

LONGEST_WAIT = 30

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_nodes(method: str) -> Callable[[View[P]], View[P]]:
    """Let a view answer one method, and only to callers that know the node secret (compared in constant time)."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                secret = (home().secrets / "node.secret").read_text().strip()
            except FileNotFoundError:
                raise SecretMissing from None
            sent = request.headers.get("Authorization", "")
            if not secret or not hmac.compare_digest(sent.encode(), f"Bearer {secret}".encode()):
                raise NodeNotTrusted
            if request.method != method:
                raise MethodRefused(allowed=method)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


@for_nodes("GET")
def stamp(request: HttpRequest) -> HttpResponse:
    """Answer `{"stamp": N}` as soon as N differs from `after`, at the latest after `wait` seconds (at most 30).

    A `gateway` that asks says by it that it acts by `after`.
    """
    after, wait = _number(request, "after", -1), _seconds(request, "wait")
    gateway = request.GET.get("gateway", "")
    if gateway:
        _must_be_its_own(request, gateway)
        access_services.note_applied(gateway=gateway, stamp=after)
    return _json({"stamp": access.wait_for_stamp(after, min(wait, LONGEST_WAIT))})


@for_nodes("GET")
def snapshot(_request: HttpRequest) -> HttpResponse:
    """Answer the signed manifest of the snapshot that holds now."""
    return HttpResponse(access_services.current_manifest(), content_type="application/json")


@for_nodes("GET")
def shard(_request: HttpRequest, sha256: str) -> HttpResponse:
    """Answer the bytes of one shard."""
    return HttpResponse(access_services.snapshot_shard(sha256), content_type="application/json")


@for_nodes("POST")
def usage(request: HttpRequest, gateway: str, segment: str) -> HttpResponse:
    """Take in part of a usage log and answer how far the segment is safe."""
    _must_be_its_own(request, gateway)
    offset = _number(request, "offset", 0)
    committed = metering.ingest_segment(gateway=gateway, segment=segment, offset=offset, data=request.body)
    return _json({"offset": committed})


@for_nodes("POST")
def counters(request: HttpRequest) -> HttpResponse:
    """Take in readings of grant-table counters."""
    try:
        readings = list_from_json(CounterReading, request.body)
    except MalformedMessage as fault:
        raise MessageRefused(what=str(fault)) from None
    for reading in readings:
        _must_be_its_own(request, reading.gateway)
    return _json({"taken": metering.ingest_counters(readings=readings)})


@for_nodes("POST")
def leases(request: HttpRequest) -> HttpResponse:
    """Take in what a gateway holds of shared quotas and answer what it holds from now on."""
    try:
        asks = list_from_json(LeaseAsk, request.body)
    except MalformedMessage as fault:
        raise MessageRefused(what=str(fault)) from None
    gateway = request.GET.get("gateway", "")
    _must_be_its_own(request, gateway)
    names, live = access.sharing_gateways()
    answers = metering.lease(
        gateway=gateway,
        asks=asks,
        gateways=names,
        live=live,
        given_up=access.given_up_gateways(),
    )
    return HttpResponse(to_json(answers), content_type="application/json")


@for_nodes("POST")
def health(request: HttpRequest) -> HttpResponse:
    """Take in what a node says of itself."""
    try:
        report = from_json(NodeHealth, request.body)
    except MalformedMessage as fault:
        raise MessageRefused(what=str(fault)) from None
    _must_be_its_own(request, report.name)
    access_services.report_node(health=report)
    return _json({"stamp": access.current_stamp()})


def _must_be_its_own(request: HttpRequest, name: str) -> None:
    """Raise AnothersName when a node that came in by the door speaks for another; the local socket is not asked."""
    shown = request.headers.get(NODE_HEADER)
    if shown is not None and not may_speak_for(shown, name):
        raise AnothersName(name=name[:100])


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.GET.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise BadQuestion(parameter=name)
    return int(text)


def _seconds(request: HttpRequest, name: str) -> float:
    text = request.GET.get(name, "0")
    whole, _, fraction = text.partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdecimal() or len(text) > 9:
        raise BadQuestion(parameter=name)
    return float(text)


def _json(value: object) -> HttpResponse:
    return HttpResponse(orjson.dumps(value), content_type="application/json")
