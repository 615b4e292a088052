"""What Envoy logs, and where: pure."""

from pathlib import Path
from typing import Any

from tdpf.wire.usage_log import LOG_FORMAT, PASSED_LOG_FORMAT

ORDINARY_LOG_FORMAT = (
    "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%\t%STREAM_ID%\t%REQ(:METHOD)%\t%RESPONSE_CODE%\t%RESPONSE_FLAGS%\t"
    "%BYTES_SENT%\t%BYTES_RECEIVED%\t%DURATION%\t%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%\t"
)
_MAILED_LINK = "(/en)?/(answers|confirm)/.*"


def access_logs(spool_file: Path, ordinary_log: Path) -> list[dict[str, Any]]:
    """Return the logs: calls of /data to the spool, everything else to the ordinary log, and no mailed secret anywhere."""
    data = [
        _header_is(":path", {"prefix": "/data/"}),
        _header_is(":path", {"exact": "/data"}),
        _header_is(":path", {"prefix": "/data?"}),
    ]
    # A passed-through call has the provider's path by then; the module noted the one that was asked for.
    passed = _header_is("x-envoy-original-path", {"prefix": "/data/"})
    of_data = {"or_filter": {"filters": [{"header_filter": {"header": header}} for header in data]}}
    # What stands behind these paths was sent by mail and is as good as a password.
    mailed = _header_is(":path", {"safe_regex": {"regex": _MAILED_LINK}})
    # The word that decides most often stands first.
    others = _none_of(*data, passed)
    return [
        _file_log(spool_file, LOG_FORMAT, {"and_filter": {"filters": [of_data, *_none_of(passed)]}}),
        _file_log(spool_file, PASSED_LOG_FORMAT, {"header_filter": {"header": passed}}),
        _file_log(
            ordinary_log,
            ORDINARY_LOG_FORMAT + "%PATH(NQ:ORIG_OR_PATH:400)%\n",
            {"and_filter": {"filters": [*others, *_none_of(mailed)]}},
        ),
        _file_log(
            ordinary_log,
            ORDINARY_LOG_FORMAT + "(mailed link)\n",
            {"and_filter": {"filters": [*others, {"header_filter": {"header": mailed}}]}},
        ),
    ]


def _none_of(*headers: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"header_filter": {"header": {**header, "invert_match": True}}} for header in headers]


def _header_is(name: str, match: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "string_match": match, "treat_missing_header_as_empty": True}


def _file_log(path: Path, line: str, only: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "file",
        "filter": only,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": str(path),
            "log_format": {"text_format_source": {"inline_string": line}},
        },
    }
