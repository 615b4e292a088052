"""The short way to single rows and to answers that are kept: what a first answer found out about a place serves the next.

An answer by the short way is byte for byte the one by the long way; whatever is unusual goes the long way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tdpf.dataplane.delivery.answers import MOST_ID_IN_TAG, Headers
from tdpf.dataplane.delivery.directory import Directory
from tdpf.dataplane.delivery.open_tables import OpenTables
from tdpf.dataplane.delivery.requests import Request
from tdpf.tables.errors import TableDamaged
from tdpf.tables.read import Form, RowsFile, TookTooLong

_MOST_KNOWN = 2_048
_MOST_KEPT_BYTES = 32 << 20
_LOOKS = 8


@dataclass(frozen=True, slots=True)
class Prepared:
    """What does not depend on the row: `mark` begins the entity tag, `links` are the texts around the id."""

    identity: str
    rows: RowsFile
    form: Form
    headers: Headers
    mark: str
    links: tuple[bytes, bytes, bytes] | None = None


@dataclass(slots=True)
class _Known:
    prepared: Prepared
    directory: Directory
    tag: str
    look: Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class _Kept:
    identity: str
    rows: RowsFile
    directory: Directory
    headers: Headers
    body: bytes


def words_of(query: str, get: Callable[[str], str | None]) -> tuple[str | None, ...]:
    """Return what an answer by the short way depends on beside its path; each header that is read has its price.

    None of these answers has words in a language, and who names the form with `f=` is not asked what is accepted.
    """
    accept = None if query.startswith("f=") or "&f=" in query else get("accept")
    return query, accept, get("x-tdpf-view")


class LookUps:
    """Belongs to the event loop's thread. Everything is forgotten when another directory is in force."""

    def __init__(self, tables: OpenTables) -> None:
        self._tables = tables
        self._known: dict[tuple[str | None, ...], _Known] = {}
        self._kept: dict[tuple[str | None, ...], _Kept] = {}
        self._kept_bytes = 0
        self._directory: Directory | None = None

    def learn(self, request: Request, directory: Directory, prepared: Prepared) -> None:
        """Keep what was found out for the place a row was asked at."""
        if request.raw is None:
            return
        place, slash, _ = request.path.rpartition("/")
        if not slash or not place.endswith("/items"):
            return
        self._make_room(directory)
        look = prepared.rows.single(prepared.form)
        self._known[(place, *request.raw)] = _Known(prepared, directory, f'"{prepared.mark}-', look)

    def keep(
        self, request: Request, directory: Directory, identity: str, rows: RowsFile, headers: Headers, body: bytes
    ) -> None:
        """Keep a whole answer for the same request."""
        if request.raw is None:
            return
        self._make_room(directory)
        self._kept[(request.path, *request.raw)] = _Kept(identity, rows, directory, headers, body)
        self._kept_bytes += len(body)

    def _make_room(self, directory: Directory) -> None:
        full = len(self._known) + len(self._kept) >= _MOST_KNOWN or self._kept_bytes > _MOST_KEPT_BYTES
        if full or self._directory is not directory:
            self._known, self._kept, self._kept_bytes, self._directory = {}, {}, 0, directory

    def _kept_answer(
        self, directory: Directory | None, path: str, raw: tuple[str | None, ...]
    ) -> tuple[Headers, bytes] | None:
        kept = self._kept.get((path, *raw))
        if kept is None or directory is None or kept.directory is not directory:
            return None
        if directory.not_after and time.time() > directory.not_after:
            return None
        return (kept.headers, kept.body) if self._tables.at_hand(kept.identity) is kept.rows else None

    def answer(
        self, directory: Directory | None, path: str, raw: tuple[str | None, ...]
    ) -> tuple[Headers, bytes] | None:
        """Return headers and body of what is at a path, or None when the long way has to be gone. `raw`: see `words_of`."""
        place, _, feature_id = path.rpartition("/")
        known = self._known.get((place, *raw))
        if known is None:
            return self._kept_answer(directory, path, raw)
        if known.directory is not directory or not (feature_id.isascii() and feature_id.isalnum()):
            return None
        if len(feature_id) > MOST_ID_IN_TAG:
            return None
        if directory is None or (directory.not_after and time.time() > directory.not_after):
            return None
        prepared = known.prepared
        if self._tables.at_hand(prepared.identity) is not prepared.rows:
            return None
        try:
            prepared.rows.allow(looks=_LOOKS)
            body = known.look(feature_id)
        except (TookTooLong, TableDamaged):
            return None
        if body is None:
            return None
        if prepared.links is not None:
            before, between, after = prepared.links
            asked = feature_id.encode()
            body = b"".join((body[:-1], before, asked, between, asked, after))
        return [*prepared.headers, ("etag", f'{known.tag}{feature_id}"')], body
