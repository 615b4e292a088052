"""Project PLATEAU's catalogue of 3D city models: its API's list of datasets, and registries of the same rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.guarding import guarded, seen_by_list
from tdpf.controlplane.federation.reading.json_entries import read_json_lists
from tdpf.controlplane.federation.reading.json_text import read_json
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import goes_on_at, unchanged
from tdpf.controlplane.federation.reading.taking import MALFORMED, NO_KEY, TITLE, Taking, first, mapping, several
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.text import Text

_RECORDS_A_PAGE = 500
_LISTS = ("citygml", "latest_citygml", "datasets", "latest_datasets", "data", "items")
_LIST = "/datacatalog/plateau-datasets"
# The feature types of the PLATEAU standard product specification, and the words registries use for them.
_TYPES = {
    "bldg": "建築物モデル", "building": "建築物モデル", "tran": "交通（道路）モデル", "rwy": "交通（鉄道）モデル", "trk": "交通（徒歩道）モデル",
    "squr": "交通（広場）モデル", "wwy": "交通（航路）モデル", "road": "交通（道路）モデル", "luse": "土地利用モデル", "landuse": "土地利用モデル",
    "urf": "都市計画決定情報モデル", "zoning": "都市計画決定情報モデル", "fld": "洪水浸水想定区域モデル", "river_flood": "洪水浸水想定区域モデル",
    "htd": "高潮浸水想定区域モデル", "storm_surge": "高潮浸水想定区域モデル", "tnm": "津波浸水想定モデル", "tsunami": "津波浸水想定モデル",
    "ifld": "内水浸水想定区域モデル", "inland_flood": "内水浸水想定区域モデル", "lsld": "土砂災害警戒区域モデル", "landslide": "土砂災害警戒区域モデル",
    "brid": "橋梁モデル", "tun": "トンネルモデル", "cons": "その他の構造物モデル", "frn": "都市設備モデル", "unf": "地下埋設物モデル",
    "ubld": "地下街モデル", "veg": "植生モデル", "dem": "地形モデル", "wtr": "水部モデル", "area": "区域モデル", "gen": "汎用都市オブジェクトモデル",
    "citygml": "CityGML一式",
}  # fmt: skip
_RISKS = frozenset(
    {"fld", "htd", "tnm", "ifld", "lsld", "river_flood", "storm_surge", "tsunami", "inland_flood", "landslide"}
)


class PlateauReader:
    """Reads the whole list; rows of one city, type and year (levels of detail, formats, parts) become one record."""

    kind = SourceKind(
        kind="plateau",
        title=Text("PLATEAU データカタログAPI", "PLATEAU data catalogue API"),
        address_hint=Text(
            "APIのアドレス（例: https://api.plateauview.mlit.go.jp/datacatalog/plateau-datasets）", "the API's address"
        ),
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of records; `mark` holds the list's validators."""
        answer = visitor.get(
            address_of(order.url),
            accept="application/json",
            etag=str(order.since.get("etag", "")),
            last_modified=str(order.since.get("last_modified", "")),
        )
        if answer.status == 304:
            yield unchanged(order.since)
            return
        rows = _rows(read_json_lists(answer, _LISTS))
        if rows is None or not any(_is_row(mapping(row)) for row in rows):
            raise AnswerNotUnderstood(
                url=answer.url, why_ja="PLATEAUの一覧ではありません", why_en="it is no list of PLATEAU"
            )
        groups, faults = _grouped(rows, answer.url)
        keys, coverage = list(groups), seen_by_list(faults)
        digest = hashlib.sha256(answer.body).hexdigest()
        watch = PageWatch(max_records=order.max_records)
        for begun in range(goes_on_at(order.cursor, digest=digest), len(keys), _RECORDS_A_PAGE):
            records: list[ReadRecord] = []
            chunk = keys[begun : begun + _RECORDS_A_PAGE]
            for key in chunk:
                record, left = guarded(partial(_record, key, groups[key], answer.url), None, where=answer.url, key=key)
                faults += left
                records += [record] if record else []
            kept, same = watch.once(records)
            yield ReadPage(
                records=tuple(kept),
                left_out=(*faults, *same),
                announced=len(keys),
                cursor={"at": begun + len(chunk), "digest": digest},
            )
            faults = []
        mark = {"etag": answer.etag, "last_modified": answer.last_modified} if coverage == "all" else {}
        yield ReadPage(left_out=tuple(faults), announced=len(keys), is_last=True, coverage=coverage, mark=mark)

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when the address or the API's list below it gives rows of city models."""
        for at in dict.fromkeys((url, address_of(url))):
            answer = visitor.peek(at, accept="application/json", bytes_wanted=visitor.manners.max_bytes)
            if answer is None or answer.status != 200:
                continue
            try:
                rows = _rows(read_json(answer)) or []
            except AnswerNotUnderstood:
                continue
            if sum(_is_row(mapping(row)) for row in rows[:50]) * 2 >= len(rows[:50]) > 0:
                return KindGuess(
                    kind="plateau",
                    url=at,
                    certainty=96,
                    evidence=Text(
                        f"{at} は3D都市モデル {len(rows)} 行の一覧です", f"{at} lists {len(rows)} rows of city models"
                    ),
                    count=len(rows),
                )
        return None


READER = PlateauReader()


def address_of(url: str) -> str:
    """Return the list's address: the one given if it has a path of its own, else the API's list."""
    parts = urlsplit(url.strip())
    return url.strip() if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}{_LIST}"


def _rows(value: object) -> list[object] | None:
    """Return the rows of the API (`datasets`, or a bare list), or of a registry (cities with `entries`); None where there is no list."""
    rows: list[object] = []
    if isinstance(value, dict):
        whole = first((value.get("citygml"), value.get("latest_citygml")))
        rows += [{"type_en": "citygml", "format": "CityGML", **mapping(row)} for row in several(whole)]
        value = (
            first((value.get("datasets"), value.get("latest_datasets"), value.get("data"), value.get("items"))) or []
        )
    if not isinstance(value, list):
        return None
    for entry in value:
        city = mapping(entry)
        if isinstance(city.get("entries"), list):
            rows += [
                {**{key: text for key, text in city.items() if key != "entries"}, **mapping(row)}
                for row in city["entries"]
            ]
        else:
            rows.append(entry)
    return rows


def _is_row(row: Mapping[str, Any]) -> bool:
    return bool(_code(row) and (row.get("type_en") or row.get("type") or row.get("theme") or row.get("udx_subdir")))


def _grouped(rows: list[object], where: str) -> tuple[dict[str, list[tuple[int, dict[str, Any]]]], list[LeftOut]]:
    groups: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    faults: list[LeftOut] = []
    for place, row in enumerate(rows):
        at = f"{where}#/{place}"
        if not isinstance(row, dict):
            faults.append(Taking(at).refusal("malformed", MALFORMED))
            continue
        kind = _kind(row)
        taking = Taking(at)
        made = ("plateau", _code(row), kind, row.get("year") or row.get("dataset_year") or "")
        key = taking.key(row.get("dataset_id"), "dataset_id") or taking.key(
            "-".join(str(part) for part in made if part), "dataset_id"
        )
        if not _code(row) or not kind:
            faults.append(taking.refusal("no-key", NO_KEY))
            continue
        groups.setdefault(key, []).append((place, row))
    return groups, faults


def _record(key: str, rows: list[tuple[int, dict[str, Any]]], where: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    taking = Taking(f"{where}#/{rows[0][0]}", key)
    head = rows[0][1]
    year = taking.text(
        first((head.get("year"), head.get("dataset_year"), head.get("registration_year"))), "year", limit=20
    )
    city = taking.text(first((head.get("city"), head.get("city_name"))), "city")
    if ward := taking.text(head.get("ward"), "ward"):
        city = ward if city.endswith("23区") else city + ward
    prefecture = taking.text(first((head.get("pref"), head.get("pref_name"))), "pref")
    word = _TYPES.get(_kind(head)) or taking.text(first((head.get("type"), head.get("theme"))), "type")
    name = taking.text(head.get("name"), "name", limit=TITLE)
    title = f"{word}（{city}）{year + '年度' if year else ''}".strip() if city else name or word
    stated = StatedDataset(
        record_id=key,
        title=f"3D都市モデル（Project PLATEAU） {title}"[:TITLE],
        description=taking.prose(first((head.get("desc"), head.get("description"))), "description")
        or f"Project PLATEAUの3D都市モデルのうち、{prefecture}{city}の{word}です。",
        themes=taking.texts(first((head.get("type"), head.get("theme"))), "themes"),
        keywords=taking.texts(
            ["PLATEAU", "3D都市モデル", word, *(["防災"] if _kind(head) in _RISKS else []), head.get("hazard_kind")],
            "keywords",
        ),
        publisher_name="国土交通省",
        publisher_url="https://www.mlit.go.jp/plateau/",
        licence=taking.text(first((head.get("license"), head.get("licence"))), "licence"),
        spatial=taking.texts([f"{prefecture}{city}", _code(head)], "spatial"),
        period_start=year,
        issued=taking.moment(first((head.get("registration_year"), head.get("created"))), "issued"),
        landing_url=taking.address(first((head.get("openDataUrl"), head.get("opendata_url"))), "landing_url"),
        distributions=tuple(_distribution(row, taking, f"rows[{place}]") for place, row in rows[:2000]),
        extras={
            name: text
            for name in ("spec", "udx_subdir", "hazard_kind", "layers")
            if (text := taking.text(head.get(name), name))
        },
    )
    original = taking.original([row for _, row in rows] if len(rows) > 1 else head)
    return ReadRecord(
        stated=stated, url=stated.landing_url or where, original=original, where=taking.where
    ), taking.left_out


def _distribution(row: Mapping[str, Any], taking: Taking, part: str) -> StatedDistribution:
    url = taking.address(row.get("url"), f"{part}.url")
    form = taking.text(row.get("format"), part) or ("CityGML" if "citygml" in url.lower() else "")
    lod = taking.text(row.get("lod"), part)
    texture = ("テクスチャあり" if row["texture"] else "テクスチャなし") if isinstance(row.get("texture"), bool) else ""
    words = [taking.text(row.get("name"), part, limit=TITLE), f"LOD{lod}" if lod else "", form, texture]
    return StatedDistribution(
        record_id=taking.text(first((row.get("id"), row.get("dataset_id"))), part),
        title=" ".join(word for word in words if word)[:TITLE],
        url=url,
        format=form,
        conforms_to=taking.texts(row.get("spec"), part),
        columns=taking.texts(several(row.get("layers")), part),
    )


def _code(row: Mapping[str, Any]) -> str:
    """Return the code of the ward, city or prefecture of a row."""
    found = first((row.get("ward_code"), row.get("city_code"), row.get("pref_code")))
    return str(found) if isinstance(found, str | int) and str(found).isalnum() else ""


def _kind(row: Mapping[str, Any]) -> str:
    found = first((row.get("hazard_kind"), row.get("type_en"), row.get("theme"), row.get("type")))
    return str(found).strip().lower() if isinstance(found, str) else ""
