"""What reading other catalogues gives, and what goes over the room's doors: frozen shapes, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from tdpf.controlplane.catalog.types import StatedDataset
from tdpf.controlplane.federation.collecting import SiteFacts as SiteFacts
from tdpf.kit.text import Text

Coverage = Literal["all", "pages", "changes", "part"]


def nothing() -> Mapping[str, Any]:
    """Return an empty mapping that cannot be written to."""
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """Something of a source that could not be taken: which record, where it stands there, and why.

    `code` is a stable word for counting: "malformed", "no-key", "no-title", "same-key", "not-public", "too-deep",
    "too-long", "bad-text", "unreadable-page", "bad-value", "no-address", "took-too-long". With `part` only that field was left out and the record stands.
    """

    record_id: str
    where: str
    code: str
    why: Text
    part: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRecord:
    """One record as it was read: the stated words, its page at the source, and the original as JSON text.

    `alias` is another key under which the source may list it (a CKAN name); `where` is the address it was read from.
    """

    stated: StatedDataset
    url: str
    original: str
    where: str
    alias: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPage:
    """One step of a reading. `cursor` (plain JSON) lets a stopped run go on behind this page.

    `announced` is the number of records the source says it has. On the last page `is_last` is true and `mark` (plain JSON)
    is what the next run takes as `since`; `coverage` says what was seen: "all" (what was not seen is gone), "pages"
    (all of them, but records may have moved between pages that were read: gone is what a second such reading does not see
    either), "changes" (gone is what is in neither of the keys and aliases of `listed`, when that is given), or "part"
    (nothing follows).
    `gone` are keys that the source itself says it deleted; of the aliases in `complete` it has these records and no others.
    `remarks` are sentences for the run's log.
    """

    records: tuple[ReadRecord, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[Text, ...] = ()
    gone: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    announced: int | None = None
    cursor: Mapping[str, Any] = field(default_factory=nothing)
    is_last: bool = False
    coverage: Coverage = "part"
    listed: frozenset[str] | None = None
    mark: Mapping[str, Any] = field(default_factory=nothing)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingOrder:
    """What to read: the address an operator gave, the kind's own options, where the last complete run and a stopped run ended.

    `max_records` bounds one run whatever the source says.
    """

    url: str
    options: Mapping[str, str] = field(default_factory=nothing)
    since: Mapping[str, Any] = field(default_factory=nothing)
    cursor: Mapping[str, Any] = field(default_factory=nothing)
    max_records: int = 2_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class KindGuess:
    """A kind of source that answers at or near an address: `url` is what to register, `evidence` why we think so.

    `certainty` runs from 0 to 100; `count` is the number of records announced, where the answer says it. `place` says how
    it stands to the address asked: "here" is what that very address answers, "within" lies below it or is linked there,
    "near" is another thing on the same host, to be proposed and never taken unasked.
    """

    kind: str
    url: str
    certainty: int
    evidence: Text
    title: str = ""
    count: int | None = None
    place: Literal["here", "within", "near"] = "within"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceKind:
    """A kind of source that can be registered, with a sentence on what address it wants and its options by name.

    `numbers` are the options that are whole numbers, with the least and the most each may be.
    """

    kind: str
    title: Text
    address_hint: Text
    options: Mapping[str, Text] = field(default_factory=nothing)
    numbers: Mapping[str, tuple[int, int]] = field(default_factory=nothing)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedSource:
    """A body that publishes open data, as a table says: `url` is where, "" when the table does not say.

    `area_code` has six digits where the table's code can be completed, else it is as written.
    """

    name: str
    area_code: str
    url: str
    licence: str
    evidence: Text
