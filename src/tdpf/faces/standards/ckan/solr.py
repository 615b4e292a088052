"""What callers write in `q`, `fq` and `sort`: the part of Solr's query language that clients of CKAN use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tdpf.controlplane.catalog.types import EVERYTHING, AllOf, AnyOf, Condition, FieldIs, FieldWithin, Not
from tdpf.faces.standards.ckan.identifiers import distributions_meant
from tdpf.faces.standards.ckan.refusals import QueryInvalid
from tdpf.kit import clock

NOTHING = AnyOf(())
_DEEPEST, _MOST_PARTS = 10, 120
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<range>[\[{][^\]}]{0,80}[\]}])
    | (?P<phrase>"(?:\\.|[^"\\])*")
    | (?P<open>\()
    | (?P<close>\)(?:\^[\d.]+)?)
    | (?P<and>(?:AND\b|&&))
    | (?P<or>(?:OR\b|\|\|))
    | (?P<not>(?:NOT\b|!|-(?=[^\s-])))
    | (?P<must>\+(?=\S))
    | (?P<field>[\w.*][\w.*\-]*(?=:))
    | (?P<colon>:)
    | (?P<word>(?:\\.|[^\s()\[\]{}":\\]|:(?!\S)|\\$)+)
    )""",
    re.VERBOSE,
)
_FIELDS: dict[str, str] = {
    "id": "uid", "name": "slug", "title": "title", "title_string": "title", "notes": "description",
    "organization": "provider", "owner_org": "provider", "groups": "theme", "tags": "keyword", "res_format": "format",
    "license_id": "licence", "metadata_modified": "recorded", "metadata_created": "created",
    "area_codes": "area", "access": "access", "update_frequency": "frequency", "located": "located",
    "data_class": "data_class", "resource_id": "distribution",
    "origin": "origin", "harvest_source_site": "site", "guid": "record",
    # CADDE 4.0 names the dataset that a detailed search asks for so.
    "caddec_dataset_id_for_detail": "uid", "identifier": "uid",
}  # fmt: skip
_ALWAYS = {
    "state": "active", "capacity": "public", "private": "false", "type": "dataset", "dataset_type": "dataset",
    "entity_type": "package",
}  # fmt: skip
_ORDERS = {
    "score": "relevance", "id": "uid", "name": "slug", "title": "title", "title_string": "title",
    "metadata_created": "created", "metadata_modified": "recorded",
}  # fmt: skip
_NOW = re.compile(r"NOW(?:/\w+)?(?:([+-]\d{1,6})(MINUTE|HOUR|DAY|WEEK|MONTH|YEAR)S?)?(?:/\w+)?")
_DAYS = {"MINUTE": 1 / 1440, "HOUR": 1 / 24, "DAY": 1, "WEEK": 7, "MONTH": 30, "YEAR": 365}


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was understood: words for the index, and what must hold."""

    words: str
    condition: Condition


def read_query(query: str, filters: Sequence[str]) -> Asked:
    """Return what `q` and the `fq`s ask; raises QueryInvalid.

    Words of `q` go to the search as they are, unless `q` uses operators on them: then titles and descriptions must hold
    them. A field that the catalogue does not have matches nothing, as in Solr.
    """
    for written in (query, *filters):
        if len(written) > 2_000:
            raise QueryInvalid("longer than 2000 characters")
    words, parts = "", []
    if query.strip() not in ("", "*", "*:*"):
        words, condition = _Reading(query).whole(words_aside=True)
        parts.append(condition)
    parts += [_Reading(one).whole(words_aside=False)[1] for one in filters if one.strip() not in ("", "*:*")]
    parts = [part for part in parts if part != EVERYTHING]
    return Asked(words, parts[0] if len(parts) == 1 else AllOf(tuple(parts)))


def read_order(sort: str) -> list[str]:
    """Return the order as the catalogue names it; raises QueryInvalid."""
    found = []
    for part in sort.split(","):
        pieces = part.split()
        if not pieces:
            continue
        if len(pieces) > 2 or pieces[0] not in _ORDERS or pieces[-1].lower() not in ("asc", "desc", *_ORDERS):
            raise QueryInvalid('Invalid "sort" parameter')
        name = _ORDERS[pieces[0]]
        descends = len(pieces) == 2 and pieces[1].lower() == "desc"
        found.append(name if name == "relevance" else descends * "-" + name)
    return found


class _Reading:
    """One query being read from left to right."""

    def __init__(self, written: str) -> None:
        self._written = written
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(written.rstrip()):
            match = _TOKEN.match(written, at)
            if match is None or match.end() == at:
                raise QueryInvalid(f"Cannot parse {written[:80]!r} at position {at}")
            self._tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            at = match.end()
        if len(self._tokens) > _MOST_PARTS:
            raise QueryInvalid(f"more than {_MOST_PARTS} parts")
        self._at = 0

    def whole(self, *, words_aside: bool) -> tuple[str, Condition]:
        """Return the words set aside and the condition; words are set aside where no operator joins them."""
        kinds = {kind for kind, _ in self._tokens}
        aside: list[str] = []
        if words_aside and not kinds & {"or", "open", "close", "range"}:
            kept: list[tuple[str, str]] = []
            for at, (kind, value) in enumerate(self._tokens):
                before = kept[-1][0] if kept else ""
                if kind in ("word", "phrase") and before != "colon":
                    if before in ("not", "must"):
                        kept.pop()
                    # An excluded word may be the only one: then it is a condition.
                    aside.append("-" * (before == "not") + _unescaped(value, quoted=kind == "phrase"))
                elif not (kind == "and" and self._next_is_word(at)):
                    kept.append((kind, value))
            self._tokens = [one for at, one in enumerate(kept) if not (one[0] == "and" and at in (0, len(kept) - 1))]
        condition = self._any(0) if self._tokens else EVERYTHING
        if self._at < len(self._tokens):
            raise QueryInvalid(f"Cannot parse {self._written[:80]!r}")
        return " ".join(aside).replace("*", " ").strip(), condition

    def _next_is_word(self, at: int) -> bool:
        around = [self._tokens[near][0] for near in (at - 1, at + 1) if 0 <= near < len(self._tokens)]
        return "word" in around or "phrase" in around

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise QueryInvalid(f"Cannot parse {self._written[:80]!r}: something is missing at the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _any(self, depth: int, field: str = "") -> Condition:
        """Parts side by side must all hold; OR binds closer than that, AND closer still."""
        if depth > _DEEPEST:
            raise QueryInvalid("nested too deeply")
        parts = [self._or(depth, field)]
        while self._peek() not in ("", "close"):
            parts.append(self._or(depth, field))
        parts = [part for part in parts if part != EVERYTHING]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _or(self, depth: int, field: str) -> Condition:
        parts = [self._and(depth, field)]
        while self._peek() == "or":
            self._take()
            parts.append(self._and(depth, field))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _and(self, depth: int, field: str) -> Condition:
        parts = [self._one(depth, field)]
        while self._peek() == "and":
            self._take()
            parts.append(self._one(depth, field))
        parts = [part for part in parts if part != EVERYTHING]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self, depth: int, field: str) -> Condition:
        kind, value = self._take()
        if kind == "not":
            if depth > _DEEPEST:
                raise QueryInvalid("nested too deeply")
            return Not(self._one(depth + 1, field))
        if kind == "must":
            return self._one(depth, field)
        if kind == "field" and not field:
            if self._take()[0] != "colon":
                raise QueryInvalid(f"Cannot parse {self._written[:80]!r}")
            return self._one(depth, value)
        if kind == "open":
            found = self._any(depth + 1, field)
            if self._take()[0] != "close":
                raise QueryInvalid("a parenthesis is not closed")
            return found
        if kind == "range" and field:
            return _within(field, value)
        if kind in ("word", "phrase", "field"):
            return _holds(field, _unescaped(value), exact=kind == "phrase")
        raise QueryInvalid(f"Cannot parse {self._written[:80]!r} near {value[:20]!r}")


def _holds(field: str, value: str, *, exact: bool) -> Condition:
    name = field.removeprefix("extras_")
    if name in ("", "text"):
        part = value.strip("*")
        return (
            AnyOf((FieldIs("title", part), FieldIs("description", part), FieldIs("keyword", part)))
            if part
            else EVERYTHING
        )
    if name == "*":
        return EVERYTHING
    if name in _ALWAYS:
        return EVERYTHING if value.lower() in (_ALWAYS[name], "*") else NOTHING
    known = _FIELDS.get(name)
    if known is None:
        return NOTHING
    if value == "*" and not exact:
        return EVERYTHING
    if known in ("recorded", "created"):
        moment = _moment(value)
        return FieldWithin("recorded" if known == "recorded" else "created", moment, moment)
    if known == "title":
        return FieldIs("title", value.strip("*"))
    found = FieldIs(known, value.rstrip("*"), begins=value.endswith("*") and not exact)  # type: ignore[arg-type]  # moments were taken above
    if name in ("caddec_dataset_id_for_detail", "identifier") and not found.begins:
        return AnyOf((found, FieldIs("slug", value)))
    if known == "distribution":
        return AnyOf(tuple(FieldIs("distribution", uid) for uid in distributions_meant(value)))
    return found


def _within(field: str, written: str) -> Condition:
    low, between, high = written[1:-1].strip().partition(" TO ")
    name = _FIELDS.get(field.removeprefix("extras_"))
    if not between:
        raise QueryInvalid(f"Cannot parse the range {written!r}")
    if low.strip() == high.strip() == "*":
        return EVERYTHING if name else NOTHING
    if name not in ("recorded", "created"):
        return NOTHING
    just = timedelta(microseconds=1)
    begin, end = _end(low), _end(high)
    if begin is not None and written[0] == "{":
        begin += just
    if end is not None and written[-1] == "}":
        end -= just
    return FieldWithin("recorded" if name == "recorded" else "created", begin, end)


def _end(written: str) -> datetime | None:
    return None if written.strip() == "*" else _moment(written.strip().strip('"'))


def _moment(written: str) -> datetime:
    now = _NOW.fullmatch(written)
    try:
        if now:
            return clock.now() + timedelta(days=int(now[1] or 0) * _DAYS[now[2] or "DAY"])
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise QueryInvalid(f"Invalid Date String: {written[:40]!r}") from None


def _unescaped(value: str, *, quoted: bool = False) -> str:
    inner = value[1:-1] if value.startswith('"') and value.endswith('"') and len(value) > 1 else value
    plain = re.sub(r"\\(.)", r"\1", inner)
    return f'"{plain}"' if quoted else plain
