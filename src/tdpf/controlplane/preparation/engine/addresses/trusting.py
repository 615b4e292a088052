"""Which rows of files of places are believed: those of a municipality that there is, with a point that lies in or near it."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from tdpf.controlplane.preparation.engine.addresses.boundaries import boundaries
from tdpf.controlplane.preparation.engine.addresses.naming import distance_km
from tdpf.controlplane.preparation.engine.addresses.rows import NumberRow, Row, TownRow
from tdpf.controlplane.preparation.engine.normalising.coordinates import LATITUDES, LONGITUDES
from tdpf.kit.areas import areas
from tdpf.kit.text import Text

# Reclaimed land and far islands lie outside of drawn boundaries; a swapped or mistyped point lies farther.
_REACH_KM, _REACH_UNDRAWN_KM = 20, 400
_ACROSS_THE_SEA = frozenset(("134210",))
_CELLS = 500
_REASONS = {
    "municipality": Text("その団体コードの市区町村がない", "there is no municipality of that code"),
    "swapped": Text("緯度と経度が逆", "latitude and longitude are swapped"),
    "outside": Text("日本の外、またはその市区町村から遠く離れている", "outside of Japan or far from its municipality"),
}


class Doubts:
    """The rows of one file that were left out, by reason, with the first of each."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def believed(self, row: Row) -> Row | None:
        """Return the row, a town without its point when that cannot be right, or None when nothing of it can be used."""
        if row.code not in areas():
            self._left_out(row, "municipality")
            return None
        point = None if isinstance(row, NumberRow) else row.point
        if point is None:
            return row
        lat, lon = point
        if LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]:
            if _is_near(row.code, int(lat * _CELLS), int(lon * _CELLS)):
                return row
            self._left_out(row, "outside")
        else:
            swapped = LATITUDES[0] <= lon <= LATITUDES[1] and LONGITUDES[0] <= lat <= LONGITUDES[1]
            self._left_out(row, "swapped" if swapped else "outside")
        return row._replace(point=None) if isinstance(row, TownRow) else None

    def _left_out(self, row: Row, why: str) -> None:
        self._counts[why] += 1
        self._first.setdefault(why, " ".join(str(part) for part in row if part not in (None, ""))[:80])

    @property
    def told(self) -> tuple[Text, ...]:
        """What was left out, one sentence for each reason."""
        return tuple(
            Text(
                f"{self._file}: {count} 行の位置を使いません。{_REASONS[why].ja}（最初は {self._first[why]}）",
                f"{self._file}: the places of {count} rows are not used: {_REASONS[why].en} (the first: {self._first[why]})",
            )
            for why, count in sorted(self._counts.items())
        )


@lru_cache(maxsize=65_536)
def _is_near(code: str, up: int, right: int) -> bool:
    """Say whether a cell of some 200 m lies in a municipality or within reach of it; yes where nothing of it is known."""
    lat, lon = (up + 0.5) / _CELLS, (right + 0.5) / _CELLS
    if code in _ACROSS_THE_SEA:
        return True
    boundary = boundaries().get(code)
    if boundary is not None:
        return boundary.metres_to(lat, lon) <= _REACH_KM * 1000
    centre = areas()[code].point
    return centre is None or distance_km(centre, (lat, lon)) <= _REACH_UNDRAWN_KM
