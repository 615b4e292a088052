"""The usage log: one tab-separated line per call to /data, written by Envoy, read by metering.

Fields in order: start time (UTC, milliseconds), stream id, identity (``application,agreement,dataset,principal,path class``),
counted (``1``, else ``0`` or ``-``), method, status, response flags, bytes sent, bytes received, duration (ms), path without its query.
``-`` stands for an absent value, and one for identity and counted together where nothing is known of a call. Envoy escapes nothing, but a
tab or a line end cannot occur in any of the fields.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast, get_args, get_type_hints

from tdpf.wire.codec import MalformedMessage
from tdpf.wire.messages import UsageLine

CALL_METADATA = "tdpf"
"""Where the gateway's module keeps the words about a call that goes to a provider, in Envoy's dynamic metadata."""


def _log_format(request: str, said: str) -> str:
    return (
        "\t".join(
            (
                "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
                request,
                said,
                "%REQ(:METHOD)%",
                "%RESPONSE_CODE%",
                "%RESPONSE_FLAGS%",
                "%BYTES_SENT%",
                "%BYTES_RECEIVED%",
                "%DURATION%",
                "%PATH(NQ:ORIG_OR_PATH:400)%",
            )
        )
        + "\n"
    )


LOG_FORMAT = _log_format("%STREAM_ID%", "%REQ(x-tdpf-call)%")
"""Envoy's text format for the usage log; the module says identity and counted in one header, with the tab between them."""
PASSED_LOG_FORMAT = _log_format(*(f"%DYNAMIC_METADATA({CALL_METADATA}:{word})%" for word in ("request", "call")))
"""The same for calls that went to a provider, whose headers say nothing of ours; Envoy takes the stream id from a header too."""

_FIELDS = 11
_HINTS = get_type_hints(UsageLine)
_PRINCIPALS = get_args(_HINTS["principal"])
_PATH_CLASSES = get_args(_HINTS["path_class"])


def _number(text: str, name: str) -> int:
    if text == "-":
        return 0
    if not text.isdecimal():
        raise MalformedMessage(name, "must be a number")
    return int(text)


def parse_line(line: bytes | str) -> UsageLine:
    """Read one line, with or without its line end; raises MalformedMessage."""
    text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
    parts = text.rstrip("\n").split("\t", _FIELDS - 1)
    if len(parts) == _FIELDS - 1 and parts[2] == "-":
        parts.insert(3, "-")
    if len(parts) != _FIELDS:
        raise MalformedMessage("line", f"must have {_FIELDS} tab-separated fields")
    time, request_id, identity, counted, method, status, flags, sent, received, duration, path = parts
    try:
        moment = datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        raise MalformedMessage("time", "must be like 2026-11-21T00:00:00.000Z") from None
    application, agreement, dataset, principal, path_class = _identity(identity)
    return UsageLine(
        time=int(moment.timestamp()) * 1000 + moment.microsecond // 1000,
        request_id=request_id,
        application=application,
        agreement=agreement,
        dataset=dataset,
        principal=cast(object, principal),  # type: ignore[arg-type]  # checked against the literal above
        method=method,
        path_class=cast(object, path_class),  # type: ignore[arg-type]  # checked against the literal above
        status=_number(status, "status"),
        flags="" if flags == "-" else flags,
        bytes_sent=_number(sent, "bytes_sent"),
        bytes_received=_number(received, "bytes_received"),
        duration_ms=_number(duration, "duration_ms"),
        path=path,
        counted=counted == "1",
    )


def _identity(text: str) -> tuple[int, int, int, str, str]:
    if text == "-":
        return 0, 0, 0, "none", "other"
    parts = text.split(",")
    if len(parts) != 5 or parts[3] not in _PRINCIPALS or parts[4] not in _PATH_CLASSES:
        raise MalformedMessage("identity", "must be application,agreement,dataset,principal,path class")
    numbers = [_number(part, "identity") for part in parts[:3]]
    return numbers[0], numbers[1], numbers[2], parts[3], parts[4]


def parse_lines(data: bytes) -> Iterator[UsageLine]:
    """Read every complete line of a piece of a segment; raises MalformedMessage at the first bad one."""
    for line in data.splitlines():
        yield parse_line(line)
