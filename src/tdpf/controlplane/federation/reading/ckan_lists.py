"""What a CKAN lists: the names of all, what lies within a filter, and packages shown one by one where there is no search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, SourceBusy
from tdpf.controlplane.federation.reading.ckan_packages import read_package
from tdpf.controlplane.federation.reading.guarding import UNREAD, guarded, is_refusal, unread
from tdpf.controlplane.federation.reading.json_text import read_json
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.taking import first, short_key
from tdpf.controlplane.federation.types import LeftOut, ReadingOrder, ReadPage, ReadRecord
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import FetchFailed, TooSlow
from tdpf.kit.text import Text

JSON = "application/json"
_LISTED = 1000
_SHOWN_AT_ONCE = 50
BAD_IN_A_ROW = 20
NO_LIST = Text(
    "一覧が確かには得られないため、削除は確かめていません", "without a sure list, deletions were not looked for"
)


class NotListed(Exception):
    """What a site lists cannot be told for sure, so nothing follows from what it does not list; `why` is for the log."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def listed_names(visitor: Visitor, root: str) -> frozenset[str]:
    """Return the keys of package_list. Raises NotListed when the search knows many more, and what a visit raises."""
    names = names_of(visitor, root)
    total = total_of(visitor, root)
    if total is not None and len(names) < 0.9 * total:
        raise NotListed(
            Text(
                f"package_list は {len(names)} 件で、検索の {total} 件より少ないため、削除の判断に使いません",
                f"package_list has {len(names)} names but the search {total}: it is not used to tell deletions",
            )
        )
    return frozenset(short_key(name) for name in names)


def listed_within(visitor: Visitor, root: str, filters: Sequence[str], *, most: int) -> frozenset[str]:
    """Return the ids and names within the filter: package_list does not know what left it.

    Raises NotListed when records may have moved from page to page: the count is not that of the ids from beginning to
    end. Raises what a visit raises, too.
    """
    ids: set[str] = set()
    names: set[str] = set()
    announced: int | None = None
    start = 0
    while announced is None or start < announced:
        query = {"fl": "id,name", "rows": str(_LISTED), "start": str(start), "sort": "id asc", **fq_of(filters)}
        at = f"{root}/api/3/action/package_search?{urlencode(query)}"
        result = result_of(read_json(visitor.get(at, accept=JSON)), at)
        count, found = (result.get("count"), result.get("results")) if isinstance(result, dict) else (None, None)
        if not isinstance(count, int) or not isinstance(found, list) or announced not in (None, count):
            raise NotListed(NO_LIST)
        announced = count
        if not found or start + len(found) > most:
            break
        start += len(found)
        for entry in found:
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                ids.add(entry["id"])
                names.add(str(entry.get("name") or entry["id"]))
    if len(ids) != announced:
        raise NotListed(NO_LIST)
    return frozenset(short_key(key) for key in ids | names)


def total_of(visitor: Visitor, root: str) -> int | None:
    """Return how many packages the search knows."""
    at = f"{root}/api/3/action/package_search?rows=0"
    result = result_of(read_json(visitor.get(at, accept=JSON)), at)
    count = result.get("count") if isinstance(result, dict) else None
    return count if isinstance(count, int) else None


def fq_of(filters: Sequence[str]) -> dict[str, str]:
    """Return Solr's filter that asks for all of these."""
    if not filters:
        return {}
    return {"fq": filters[0] if len(filters) == 1 else " ".join(f"+({entry})" for entry in filters)}


def read_one(package: Any, *, root: str, where: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    """Return the record of a package and what was left out of it, whatever it holds."""
    key = first((package.get("id"), package.get("name"))) if isinstance(package, dict) else ""
    return guarded(lambda: read_package(package, root=root, where=where), None, where=where, key=key)


def pages_by_list(visitor: Visitor, order: ReadingOrder, root: str, after: str) -> Iterator[ReadPage]:
    """Yield pages of packages shown one by one, in the order of their names; those of other organisations are passed over.

    A package that does not come is left out while the list itself still does; else what was read is given and the fault raised.
    """
    wanted, outside = order.options.get("organization", ""), set[str]()
    names = sorted(set(names_of(visitor, root)))
    watch = PageWatch(max_records=order.max_records)
    waiting = [name for name in names if name > after][: order.max_records]
    bad, last = 0, after
    for begun in range(0, len(waiting), _SHOWN_AT_ONCE):
        records: list[ReadRecord] = []
        faults: list[LeftOut] = []
        ending: Problem | None = None
        for name in waiting[begun : begun + _SHOWN_AT_ONCE]:
            at = f"{root}/api/3/action/package_show?id={quote(name, safe='', errors='replace')}"
            try:
                package = result_of(read_json(visitor.get(at, accept=JSON)), at)
            except SourceBusy as busy:
                ending = busy
                break
            except UNREAD as fault:
                bad += not is_refusal(fault)
                if isinstance(fault, FetchFailed | TooSlow) and not _lists(visitor, root):
                    ending = fault
                    break
                last = name
                faults.append(unread(fault, where=at, record_id=name))
                if bad > BAD_IN_A_ROW:
                    ending = fault
                    break
                continue
            bad, last = 0, name
            if wanted and not _belongs(package, wanted):
                outside.add(name)
                continue
            record, left_out = read_one(package, root=root, where=at)
            faults += left_out
            records += [record] if record else []
        kept, same = watch.once(records)
        yield ReadPage(
            records=tuple(kept),
            left_out=(*faults, *same),
            announced=len(names),
            cursor={"by": "list", "after": last},
        )
        if ending is not None:
            raise ending
    yield ReadPage(
        announced=len(names),
        is_last=True,
        coverage="changes",
        listed=frozenset(short_key(name) for name in names if name not in outside),
        mark=order.since,
    )


def _lists(visitor: Visitor, root: str) -> bool:
    try:
        return bool(names_of(visitor, root))
    except UNREAD:
        return False


def _belongs(package: object, organisation: str) -> bool:
    own = package.get("organization") if isinstance(package, dict) else None
    return isinstance(own, dict) and organisation in (own.get("name"), own.get("id"))


def names_of(visitor: Visitor, root: str) -> list[str]:
    """Return what package_list names."""
    at = f"{root}/api/3/action/package_list"
    result = result_of(read_json(visitor.get(at, accept=JSON)), at)
    if not isinstance(result, list):
        raise AnswerNotUnderstood(url=at, why_ja="一覧ではありません", why_en="it is no list")
    return [name for name in result if isinstance(name, str) and name]


def result_of(answer: object, at: str) -> Any:
    """Return what CKAN's envelope holds. Raises AnswerNotUnderstood."""
    if not isinstance(answer, dict) or "result" not in answer or answer.get("success") is False:
        raise AnswerNotUnderstood(url=at, why_ja="CKANの応答の形ではありません", why_en="it is not CKAN's envelope")
    return answer["result"]
