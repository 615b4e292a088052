"""Pages of records by `limit` and `offset`: asked for in smaller pieces, so that a record at fault is found and passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, RobotsForbid
from tdpf.controlplane.federation.reading.guarding import UNREAD, is_refusal
from tdpf.controlplane.federation.reading.json_entries import read_json_lists
from tdpf.controlplane.federation.reading.taking import mapping
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused

ACCEPT = "application/geo+json, application/json;q=0.9, */*;q=0.1"
LIMIT = 200
_BAD_IN_A_ROW = 20
_STARTS = ("offset", "startindex", "startIndex", "start")


def narrower(url: str) -> str | None:
    """Return the address of an eighth of a page, None when it is one record already or pages are told by their number."""
    query = _query(url)
    limit = _number(query.get("limit"), LIMIT)
    return None if limit <= 1 or "page" in query else _with(url, query, limit=max(1, limit // 8))


def wider(url: str, *, most: int = LIMIT) -> str:
    """Return the address of four times as large a page, of `most` records at most."""
    query = _query(url)
    return _with(url, query, limit=min(most, 4 * _number(query.get("limit"), most)))


def limit_of(url: str) -> int:
    """Return how many records an address asks for."""
    return _number(_query(url).get("limit"), LIMIT)


def first_of(url: str, at: int) -> str:
    """Return the address of one record, counted from 0, of the same list."""
    query = {name: words for name, words in _query(url).items() if name == "f"}
    return _with(url, query, limit=1, **({_STARTS[0]: at} if at else {}))


def passed_over(url: str) -> str | None:
    """Return the address of the record behind that of a page of one, None where pages are not told by a number."""
    query = _query(url)
    named = next((name for name in _STARTS if name in query), "")
    if not named and set(query) - {"f", "limit"}:
        return None
    return _with(url, query, **{named or _STARTS[0]: _number(query.get(named), 0) + 1})


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _number(words: str | None, usual: int) -> int:
    return int(words) if words and words.isascii() and words.isdigit() and len(words) < 10 else usual


def _with(url: str, query: dict[str, str], **numbers: int) -> str:
    parts = urlsplit(url)
    whole = {**query, **{name: str(number) for name, number in numbers.items()}}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(whole), ""))


class Around:
    """Ways around a page that cannot be read: smaller ones until the record at fault stands alone, then the one behind it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.bad = 0
        self.most = LIMIT
        self.is_narrow = False

    def ways(self, url: str, fault: Problem, *, begins: bool, alone: bool) -> tuple[str | None, str | None]:
        """Return the address of a smaller page, else of the record behind, else nothing: the rest of the collection is left.

        Raises the fault when nothing else of the site answers either.
        """
        refused = is_refusal(fault) or isinstance(fault, AddressRefused | RobotsForbid)
        if refused and (begins or self.is_narrow) and fault.data.get("answer_status") == 400:
            # Some servers refuse a page of more records than they like to give.
            smaller = narrower(url)
            self.most = limit_of(smaller) if smaller else 1
            self.is_narrow = True
            if smaller:
                return smaller, None
        if refused and alone:
            raise fault
        if refused:
            return None, None
        if not self._answers(url):
            raise fault
        if smaller := narrower(url):
            self.is_narrow = True
            return smaller, None
        self.bad += 1
        return None, passed_over(url) if self.bad <= _BAD_IN_A_ROW else None

    def usual(self, following: str) -> str:
        """Return the address of the page behind one that could be read: of the usual size again, step by step."""
        self.bad = 0
        if not self.is_narrow:
            return following
        larger = wider(following, most=self.most)
        self.is_narrow = limit_of(larger) < LIMIT
        return larger

    def _answers(self, url: str) -> bool:
        for at in (0, 1):
            try:
                if page_of(self.visitor, first_of(url, at))[1]:
                    return True
            except UNREAD:
                continue
        return False


def page_of(visitor: Visitor, url: str) -> tuple[Mapping[str, Any], list[Any]]:
    """Return what a page says and its records. Raises AnswerNotUnderstood and what a visit raises."""
    value = mapping(read_json_lists(visitor.get(url, accept=ACCEPT), ("features",)))
    features = value.get("features")
    if not isinstance(features, list):
        raise AnswerNotUnderstood(url=url, why_ja="features がありません", why_en="there are no features in it")
    return value, features
