"""What one caller may see of one table. A column outside the view does not exist: not in answers, filters, order or files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tdpf.dataplane.delivery.directory import Offered
from tdpf.dataplane.delivery.requests import Request
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.tables.conditions import Column, columns_of
from tdpf.tables.read import Form
from tdpf.tables.types import TableManifest
from tdpf.wire.delivery_problems import NoView


@dataclass(frozen=True, slots=True)
class Sight:
    """The visible columns in order. `is_whole`: all of them, as published. `mark` names the choice in files and tags.

    `row_form` and `feature_form` are how its rows are written.
    """

    names: tuple[str, ...]
    columns: Mapping[str, Column]
    with_place: bool
    with_key: bool
    is_whole: bool
    mark: str
    row_form: Form
    feature_form: Form


@dataclass(frozen=True, slots=True)
class Seen:
    """One collection as the caller may see it."""

    offered: Offered
    sight: Sight


def view_columns(offered: Offered, request: Request) -> tuple[str, ...] | None:
    """Return the columns the gateway granted, None for all. Raises NoView when it granted nothing: deny by default."""
    table, view, dataset = offered.table, request.view, request.dataset
    if dataset is not None and dataset != str(table.dataset):
        raise NoView(collection=offered.id)
    if view is None:
        if table.access != "open":
            raise NoView(collection=offered.id)
        return table.open_columns
    if view == "0":
        return table.open_columns
    columns = table.views.get(int(view)) if view.isdecimal() else None
    if columns is None:
        raise NoView(collection=offered.id)
    return columns


def sight_of(manifest: TableManifest, columns: tuple[str, ...] | None) -> Sight:
    """Return what can be seen of a version through the granted columns; names the version does not have are left out."""
    known = columns_of(manifest)
    granted = manifest.column_names if columns is None else columns
    names = tuple(name for name in dict.fromkeys(granted) if name in known)
    located = manifest.located
    with_place = located is not None and located.latitude in names and located.longitude in names
    with_key = all(column in names for column in manifest.key_columns)
    is_whole = names == manifest.column_names
    positions = None if is_whole else tuple(known[name].position for name in names)
    return Sight(
        names=names,
        columns={name: known[name] for name in names},
        with_place=with_place,
        with_key=with_key,
        is_whole=is_whole,
        mark="whole" if is_whole else sha256_hex(canonical_json(list(names)))[:32],
        row_form=Form("row", positions, with_place, with_key),
        feature_form=Form("feature", positions, with_place, with_key),
    )
