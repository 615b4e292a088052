"""What Envoy answers by itself, in our words: problem documents in two languages, and a calm page while starting."""

from html import escape
from typing import Any

from tdpf.dataplane.gateway.admission_module import problem_text
from tdpf.kit.errors import Problem
from tdpf.wire import problems

_BY_STATUS: tuple[tuple[int, type[Problem]], ...] = (
    (400, problems.BadRequest),
    # Only the module that admits calls answers so without a document of its own: it could not decide.
    (403, problems.NotDecided),
    (404, problems.NotFound),
    (405, problems.MethodNotAllowed),
    (408, problems.RequestTimeout),
    (413, problems.BodyTooLarge),
    (414, problems.AddressTooLong),
    (429, problems.TooFast),
    # A version of HTTP that is not spoken here.
    (426, problems.BadRequest),
    (431, problems.HeadersTooLarge),
    (500, problems.UnexpectedFailure),
    # Envoy's word for a transfer encoding that HTTP does not know.
    (501, problems.BadRequest),
    (502, problems.BadUpstream),
    (503, problems.Unavailable),
    (504, problems.UpstreamTimeout),
)
# English when an "en" tag stands before any "ja" tag; RE2 syntax.
_ENGLISH = r"(?i)^([^j]|j[^a])*\ben\b.*$"

PROBLEM_TYPE = "application/problem+json"


def _status_is(status: int) -> dict[str, Any]:
    value = {"default_value": status, "runtime_key": "tdpf.no_runtime_key"}
    return {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}


def _header(name: str, match: dict[str, Any], *, invert: bool = False) -> dict[str, Any]:
    filtered: dict[str, Any] = {"name": name, "string_match": match}
    if invert:
        filtered["invert_match"] = True
    return {"header_filter": {"header": filtered}}


def _all_of(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"and_filter": {"filters": list(filters)}}


def _format(text: str, content_type: str) -> dict[str, Any]:
    return {"text_format_source": {"inline_string": text}, "content_type": content_type}


def _headers(**headers: str) -> list[dict[str, Any]]:
    return [
        {
            "header": {"key": name.replace("_", "-"), "value": value},
            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
        }
        for name, value in headers.items()
    ]


def envoy_text(text: str) -> str:
    """Return text that Envoy's formatter prints as it stands."""
    return text.replace("%", "%%")


def _problem_format(problem: type[Problem], language: str) -> dict[str, Any]:
    text = envoy_text(problem_text(problem, language, "@instance@")).replace("@instance@", "%STREAM_ID%")
    return _format(text, PROBLEM_TYPE)


def waiting_page() -> str:
    """Return the page shown while the portal is not up: Japanese first, English beside it, tries again by itself."""
    title = "準備しています"
    lines = (
        "TDPF（東京データプラットフォーム）を準備しています。",
        "このページは自動で更新されます。初めての起動では数分かかることがあります。",
    )
    english = "TDPF is getting ready. This page refreshes by itself; the first start can take a few minutes."
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="refresh" content="3">'
        f"<title>{title} - TDPF</title><style>"
        "body{font-family:sans-serif;line-height:1.7;color:#1a1a1c;background:#fff;max-width:40rem;"
        "margin:20vh auto 0;padding:0 1.5rem}h1{font-size:1.75rem}p[lang=en]{color:#4d4d4d}"
        f'</style></head><body><main role="status"><h1>{title}</h1>{paragraphs}'
        f'<p lang="en">{escape(english)}</p></main></body></html>\n'
    )


def local_reply_config() -> dict[str, Any]:
    """Return Envoy's local_reply_config; the first mapper that matches decides."""
    answered = {
        "metadata_filter": {
            "matcher": {"filter": "tdpf", "path": [{"key": "answered"}], "value": {"bool_match": True}},
            "match_if_key_not_found": False,
        }
    }
    mappers: list[dict[str, Any]] = [
        {"filter": answered, "body_format_override": _format("%LOCAL_REPLY_BODY%", PROBLEM_TYPE)},
        {
            "filter": _all_of(
                _status_is(503),
                _header("accept", {"contains": "text/html"}),
                _header(":path", {"safe_regex": {"regex": r"/data(?:[/?].*)?"}}, invert=True),
            ),
            "body_format_override": _format(envoy_text(waiting_page()), "text/html; charset=utf-8"),
            "headers_to_add": _headers(retry_after="3", cache_control="no-store"),
        },
    ]
    anything = {"safe_regex": {"regex": ".+"}}
    told: list[tuple[int, type[Problem], tuple[dict[str, Any], ...]]] = [
        (403, problems.UpgradeRefused, (_header("upgrade", anything),)),
        (429, problems.TooManyStreams, (_header("x-tdpf-stream", anything),)),
        *((status, problem, ()) for status, problem in _BY_STATUS),
    ]
    for status, problem, when in told:
        for language, more in (("en", (_header("accept-language", {"safe_regex": {"regex": _ENGLISH}}),)), ("ja", ())):
            filters = (_status_is(status), *when, *more)
            headers = {"cache_control": "no-store", "vary": "Accept-Language", "content_language": language}
            if problem.status == 503:
                headers["retry_after"] = "3"
            mapper: dict[str, Any] = {
                "filter": _all_of(*filters) if len(filters) > 1 else filters[0],
                "body_format_override": _problem_format(problem, language),
                "headers_to_add": _headers(**headers),
            }
            if problem.status != status:
                mapper["status_code"] = problem.status
            mappers.append(mapper)
    return {"mappers": mappers}
