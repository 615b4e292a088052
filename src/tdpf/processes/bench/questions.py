"""What every server of rows is asked: the same questions with the same values, each in its own words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import quote

from tdpf.processes.bench.load import raw_request
from tdpf.processes.bench.postgis import PYGEOAPI, TIPG
from tdpf.processes.bench.servers import datasette_base
from tdpf.processes.bench.tables import PER_AREA, READINGS_BEGIN, MadeTable, area_code, facility_id, sensor_id

OURS, EMPTY, POSTGRES, DATASETTE = (
    "TDPF",
    "granian, empty answer",
    "PostgreSQL 18 (JSON), asyncpg, granian",
    "Datasette",
)
POINT, EQUAL, RANGE, BOX, SERIES = (
    "point",
    "equality, 100 rows",
    "range, sort, 100 rows",
    "box, 100 rows",
    "series, 100 rows",
)
FEATURES = "box, 100 features (GeoJSON)"
GROUP, KEPT = "group-by", "group-by again"
_KINDS = {POINT: "point", EQUAL: "equal", RANGE: "range", BOX: "bbox", SERIES: "series", FEATURES: "", GROUP: "group"}
_DIFFERENT = 300


def asked_requests(tables: Sequence[MadeTable]) -> dict[str, dict[str, list[bytes]]]:
    """Return the requests by query and server: the same questions with the same different values."""
    facility, reading = tables
    base = datasette_base(list(tables))
    found: dict[str, dict[str, list[bytes]]] = {query: {} for query in (*_KINDS, KEPT)}
    for number in range(_DIFFERENT):
        spread = number * 7919
        for query, ours, sql, set_ in (
            _point(spread % facility.rows),
            _equal(spread % max(1, facility.rows // PER_AREA)),
            _range(spread % 570),
            _box(number, facility.rows),
            _series(spread % 1000, spread, reading.rows),
        ):
            found[query].setdefault(OURS, []).append(raw_request("/data/collections/" + ours))
            found[query].setdefault(POSTGRES, []).append(raw_request(f"/{_KINDS[query]}/{sql}"))
            found[query].setdefault(DATASETTE, []).append(raw_request(f"{base}/{set_}"))
        box = _box_of(number, facility.rows)
        asked = f"items?bbox={','.join(box)}&limit=100&f"
        found[FEATURES].setdefault(OURS, []).append(raw_request(f"/data/collections/facilities/{asked}=geojson"))
        found[FEATURES].setdefault(TIPG, []).append(raw_request(f"/collections/public.facilities/{asked}=geojson"))
        found[FEATURES].setdefault(PYGEOAPI, []).append(raw_request(f"/collections/facilities/{asked}=json"))
    groups = f"/data/collections/facilities/aggregate?group_by={quote('種別')}&measures=count,sum:{quote('定員')}"
    found[GROUP][OURS] = [raw_request(f"{groups}&limit={9_999 - number}") for number in range(9_800)]
    found[GROUP][POSTGRES] = [raw_request("/group")]
    sql = quote('select "種別", count(*), sum("定員") from facilities group by 1')
    found[GROUP][DATASETTE] = [raw_request(f"{base}.json?sql={sql}&_shape=array")]
    found[KEPT][OURS] = [raw_request(groups)]
    return found


Question = tuple[str, str, str, str]
_TAIL = "_shape=array&_nocount=1&_nofacet=1&_nosuggest=1"


def _point(number: int) -> Question:
    key = facility_id(number)
    return POINT, f"facilities/items/{key}?f=json", key, f"facilities/{key}.json?_shape=array"


def _equal(number: int) -> Question:
    area, column = area_code(number), quote("地域コード")
    ours = f"facilities/items?{column}={area}&limit=100&f=json"
    return EQUAL, ours, area, f"facilities.json?{column}__exact={area}&_size=100&{_TAIL}"


def _range(months: int) -> Question:
    first = date(1970 + months // 12, months % 12 + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    column = quote("開設年月日")
    ours = f"facilities/items?datetime={first}/{last}&sortby=-{quote('定員')}&limit=100&f=json"
    theirs = f"{column}__gte={first}&{column}__lte={last}&_sort_desc={quote('定員')}&_size=100&{_TAIL}"
    return RANGE, ours, f"{first}/{last}", f"facilities.json?{theirs}"


def _box_of(number: int, rows: int) -> tuple[str, str, str, str]:
    """Return west, south, east, north of a box with about a hundred facilities."""
    side = math.sqrt(100 * 0.24 / rows)
    west, south = 139.3 + number * 0.0019 % (0.6 - side), 35.5 + number * 0.0013 % (0.4 - side)
    return f"{west:.6f}", f"{south:.6f}", f"{west + side:.6f}", f"{south + side:.6f}"


def _box(number: int, rows: int) -> Question:
    w, s, e, n = _box_of(number, rows)
    ours = f"facilities/items?bbox={w},{s},{e},{n}&limit=100&f=json"
    lat, lon = quote("緯度"), quote("経度")
    theirs = f"{lat}__gte={s}&{lat}__lte={n}&{lon}__gte={w}&{lon}__lte={e}&_size=100&{_TAIL}"
    return BOX, ours, f"{w}/{s}/{e}/{n}", f"facilities.json?{theirs}"


def _series(sensor: int, spread: int, rows: int) -> Question:
    minutes = max(1, rows // 1000 - 100)
    first = READINGS_BEGIN + timedelta(minutes=spread % minutes)
    last = first + timedelta(minutes=99)
    a, b = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (first, last))
    name, column, when = sensor_id(sensor), quote("センサー"), quote("時刻")
    ours = f"readings/items?{column}={name}&datetime={a}/{b}&sortby={when}&limit=100&f=json"
    theirs = f"{column}__exact={name}&{when}__gte={a}&{when}__lte={b}&_sort={when}&_size=100&{_TAIL}"
    return SERIES, ours, f"{name}/{a}/{b}", f"readings.json?{theirs}"
