"""From what the rooms know of connected tables to their entries in the gate snapshot: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from tdpf.controlplane.access.entries import Columns, Signed, by_dataset, open_columns, open_offer_of
from tdpf.controlplane.access.table_documents import place_of
from tdpf.controlplane.access.table_types import ConnectedTableFacts
from tdpf.controlplane.catalog.types import ConnectedFacts
from tdpf.controlplane.exchange.types import OfferFact
from tdpf.wire.connected import PLACES, ConnectedTable

NumberedViews = Mapping[int, tuple[AbstractSet[str], Columns]]
Withheld = Callable[[ConnectedFacts], Mapping[str, str]]
"""Returns, for a distribution, which of its parts may not be passed on, and why."""


def connected_tables(
    offers: Sequence[OfferFact],
    connected: Iterable[ConnectedFacts],
    tables: Mapping[str, ConnectedTableFacts],
    views: Mapping[int, NumberedViews],
    *,
    identity_of: Callable[[str], str],
    signed: Signed,
    withheld: Withheld,
) -> list[ConnectedTable]:
    """Return the connected tables that may be asked: offered, described, and the warranty signed for their place.

    `tables` maps the uid of a distribution to how it is connected, `views` each dataset to its view numbers with columns
    and areas.
    """
    offered = by_dataset(offers)
    return [
        _connected_table(
            place, tables[place.uid], offered[place.dataset], views.get(place.dataset, {}), withheld(place)
        )
        for place in connected
        if place.place_mark
        and place.uid in tables
        and place.dataset in offered
        and signed(place.dataset, identity_of(place.place_mark))
    ]


def _connected_table(
    place: ConnectedFacts,
    table: ConnectedTableFacts,
    offers: Sequence[OfferFact],
    views: NumberedViews,
    withheld: Mapping[str, str],
) -> ConnectedTable:
    document, names = table.document, tuple(column.name for column in table.document.columns)
    open_offer = open_offer_of(offers)
    area_column = getattr(document, "area_column", "")
    where: Any = place_of(document, withheld)
    return ConnectedTable(
        dataset=place.dataset,
        slug=place.slug,
        table=place.name,
        source=table.source_uid,
        mark=place.place_mark,
        columns=document.columns,
        title_ja=place.title.ja,
        title_en=place.title.en,
        description_ja=place.description_ja,
        licence=place.licence,
        attribution=(open_offer or offers[0]).attribution_text or place.attribution,
        provider_ja=place.provider_ja,
        access="open" if open_offer else "conditional",
        key_columns=document.key_columns,
        area_column=area_column,
        credential=table.secret,
        views={
            number: tuple(name for name in names if name in columns)
            for number, (columns, areas) in sorted(views.items())
            if area_column or not areas
        },
        areas={number: areas for number, (_columns, areas) in sorted(views.items()) if areas and area_column},
        open_columns=open_columns(open_offer, names),
        **{PLACES[type(where)]: where},
        limits=document.limits,
    )
