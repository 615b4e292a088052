"""Makes a version of an upload: builds the table, keeps the original, tells the difference, adds it to the catalog."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.errors import WasPurged
from tdpf.controlplane.catalog.types import AddedVersion, DatasetMetadata, OriginalFile
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, queries, rules
from tdpf.controlplane.preparation.engine.types import Finding
from tdpf.controlplane.preparation.models import ScreenedVersion, Screening, Upload
from tdpf.controlplane.preparation.reads.folders import upload_file
from tdpf.controlplane.preparation.reads.planning import Plan, plan_again, plan_version, reading_of
from tdpf.controlplane.preparation.reads.rates import rating_summary, upload_rating
from tdpf.controlplane.preparation.types import ScreeningOutcome, UploadState
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.home import home
from tdpf.kit.writing import settle
from tdpf.tables.build import build_table
from tdpf.tables.diff import diff_tables
from tdpf.tables.types import Located, TableManifest, field_from_dict

MEDIA_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
    "json": "application/json",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


def publish_upload_as_version(
    *,
    actor: Standing,
    upload_uid: str,
    distribution_uid: str,
    dictionary: Sequence[Mapping[str, Any]] = (),
    key_columns: Sequence[str] = (),
    metadata: DatasetMetadata | None = None,
) -> AddedVersion:
    """Make an upload the latest version of a held distribution; the very same data again make no new one.

    A `table` distribution needs an upload that was read; a `file` distribution takes the bytes as they are. With `metadata`
    the dataset is described anew in the same transaction: both are done, or neither.
    Raises UploadUnknown, UploadWrongState, OtherProvider, NotAsItIs, DictionaryInvalid, PersonalDataFound, ScreeningWaits,
    ScreeningRefused, UploadChanged, what `members.may_provide`, `tables.build`, `catalog.add_version` and `catalog.edit_metadata` raise.
    """
    upload = queries.get_upload(upload_uid, actor)
    with _alone_with(upload):
        upload.refresh_from_db()
        return _publish(actor, upload, distribution_uid, dictionary, key_columns, metadata)


@contextlib.contextmanager
def _alone_with(upload: Upload) -> Iterator[None]:
    """Wait until nobody else makes a version of the same bytes: who fails takes away what was built, and must have built it."""
    lock = catalog.original_path(upload.sha256 or upload.uid).parent / ".lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _publish(
    actor: Standing,
    upload: Upload,
    distribution_uid: str,
    dictionary: Sequence[Mapping[str, Any]],
    key_columns: Sequence[str],
    metadata: DatasetMetadata | None,
) -> AddedVersion:
    members.may_provide(actor, upload.party_id)
    distribution = catalog.get_distribution(distribution_uid)
    dataset = distribution.dataset
    members.may_provide(actor, dataset.provider_id)
    if dataset.provider_id != upload.party_id:
        raise errors.OtherProvider(upload=upload.uid)
    as_table = distribution.kind == "table"
    if as_table:
        rules.must_stand(upload.uid, upload.state, {UploadState.READ, UploadState.USED})
    else:
        rules.must_stand(upload.uid, upload.state, rules.WHOLE - {UploadState.READING})
        if refused := queries.refused_as_it_is(upload):
            raise refused
    screening = _screening_for(upload, as_table=as_table)
    rules.must_be_publishable(_facts(screening), dataset_is_public=dataset.state == "published")
    plan = (
        plan_version(upload, dictionary=dictionary, key_columns=key_columns, distribution_uid=distribution_uid)
        if as_table
        else None
    )
    kept_now = not catalog.original_path(upload.sha256).exists()
    built_now = plan is not None and not catalog.table_folder(plan.identity).exists()
    try:
        keep_original(upload_file(upload.uid), upload.sha256)
        published = _build(plan, distribution.name) if plan is not None else None
        with transaction.atomic():
            added = _add(actor, upload, distribution_uid, plan, published, screening)
            if metadata is not None:
                catalog_services.edit_metadata(actor=actor, dataset_uid=dataset.uid, metadata=metadata)
        return added
    except BaseException as fault:
        if plan is not None and built_now:
            shutil.rmtree(catalog.table_folder(plan.identity), ignore_errors=True)
        # What was refused, purged bytes above all, must not lie about; what another version stands on must stay.
        stands = ScreenedVersion.objects.filter(screening__original_sha256=upload.sha256).exists()
        if kept_now and (isinstance(fault, WasPurged) or not stands):
            catalog.original_path(upload.sha256).unlink(missing_ok=True)
        raise


def rebuild_lost(*, version_uid: str) -> bool:
    """Make the files of a version anew from the reading it was made of; return whether that gave the very same version.

    Takes as long as building it did. Raises UploadWrongState, and what `tables.build` raises.
    """
    version = catalog.get_version(version_uid)
    stands = ScreenedVersion.objects.filter(identity=version.identity).select_related("screening__upload").first()
    if stands is None:
        return False
    upload = stands.screening.upload
    with _alone_with(upload):
        plan = plan_again(upload, dictionary=version.dictionary, key_columns=version.key_columns)
        if plan.identity != version.identity:
            return False
        _build(plan, version.distribution.name)
        return catalog_services.note_mended(identity=version.identity)


def keep_original(source: Path, sha256: str) -> Path:
    """Copy a file to its place among the originals, whole or not at all; what is there already stays."""
    target = catalog.original_path(sha256)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f".{sha256[:16]}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as copy, source.open("rb") as original:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        Path(part).rename(target)
        settle(target.parent)
    finally:
        Path(part).unlink(missing_ok=True)
    return target


def _build(plan: Plan, name: str) -> TableManifest:
    located = Located(**plan.located) if plan.located else None
    return build_table(
        plan.reading.result.table.iter_rows(),
        [field_from_dict(entry) for entry in plan.dictionary],
        out_root=home().tables,
        identity=plan.identity,
        key_columns=plan.key_columns,
        name=name,
        located=located,
    )


def _add(
    actor: Standing,
    upload: Upload,
    distribution_uid: str,
    plan: Plan | None,
    published: TableManifest | None,
    screening: Screening,
) -> AddedVersion:
    difference = _difference(distribution_uid, plan) if plan is not None else {}
    with transaction.atomic():
        added = catalog_services.add_version(
            actor=actor,
            distribution_uid=distribution_uid,
            original=OriginalFile(
                sha256=upload.sha256,
                name=upload.file_name,
                size=upload.size,
                media_type=_media_type(upload, plan),
            ),
            published=published,
            dictionary=plan.dictionary if plan is not None else (),
            key_columns=plan.key_columns if plan is not None else (),
            read_report=_report(plan, upload) if plan is not None else None,
            diff=difference,
        )
        ScreenedVersion.objects.update_or_create(identity=added.identity, defaults={"screening": screening})
        # The rows must be those that were screened: a reading in between has moved `touched_at`.
        same = Upload.objects.filter(pk=upload.pk, state=upload.state, touched_at=upload.touched_at)
        made = {**upload.prepared, "distribution": distribution_uid} if upload.prepared else None
        if not same.update(state=UploadState.USED, touched_at=now(), prepared=made):
            raise errors.UploadChanged(upload=upload.uid)
        announce(
            events.UploadUsed(
                actor=actor.actor,
                subject=f"upload:{upload.uid}",
                upload_uid=upload.uid,
                party_id=upload.party_id,
                distribution_uid=distribution_uid,
                version_uid=added.version_uid,
                identity=added.identity,
            )
        )
    return added


def _difference(distribution_uid: str, plan: Plan) -> dict[str, Any]:
    """Return what changed against the latest version, if its table is still there."""
    latest = catalog.latest_version(distribution_uid)
    if latest is None or latest.identity == plan.identity:
        return {}
    before = catalog.table_folder(latest.identity)
    if not before.is_dir():
        return {}
    return diff_tables(before, catalog.table_folder(plan.identity), plan.key_columns)


def _report(plan: Plan, upload: Upload) -> dict[str, Any]:
    """Return how the file was read, without any of its values."""
    result = plan.reading.result
    table = result.table
    notes = [*result.notes, *table.notes, *(note for column in table.columns for note in column.notes)]
    return {
        "format": result.format,
        "encoding": result.encoding,
        "delimiter": result.delimiter,
        "table": table.id,
        "sheet": table.sheet,
        "range": table.range,
        "header_rows": list(table.header_rows),
        "title_lines": list(table.title_lines),
        "rows": table.row_count,
        "columns": len(table.columns),
        "recipe": plan.recipe,
        **({"prepared": upload.prepared} if upload.prepared else {}),
        "rating": rating_summary(upload_rating(upload)),
        "notes": [asdict(note) for note in notes],
    }


def _screening_for(upload: Upload, *, as_table: bool) -> Screening:
    """Return the screening that covers what is published: the table that was read, or the file with all that is in it."""
    latest = queries.latest_screening(upload)
    if latest is not None and (as_table or _covers_whole_file(upload)):
        return latest
    whole = Screening.objects.filter(upload=upload, table_id="").order_by("-id").first()
    return whole or _unscreened(upload)


def _covers_whole_file(upload: Upload) -> bool:
    """Say whether the reader looked at everything in the file: one table, and no sheet passed over."""
    if upload.state not in (UploadState.READ, UploadState.USED):
        return False
    passed_over = {"hidden-sheet", "sample-sheet", "other-sheet", "other-tables"}
    return not any(note.code in passed_over for note in reading_of(upload).result.notes)


def _unscreened(upload: Upload) -> Screening:
    """Keep a doubtful screening for bytes that no reader looked at as a whole: a person must."""
    finding = Finding(
        column="",
        kind="unreadable",
        certainty="doubtful",
        count=0,
        share=0.0,
        masked_sample="",
        message_ja="ファイルの全体を表として読めないため、個人情報の有無を自動で確認できません。",
        message_en="The file as a whole cannot be read as one table, so it could not be screened for personal data.",
    )
    return Screening.objects.create(
        upload=upload,
        original_sha256=upload.sha256,
        findings=[asdict(finding)],
        outcome=ScreeningOutcome.DOUBTFUL.value,
    )


def _facts(screening: Screening) -> rules.ScreeningFacts:
    grave = [entry for entry in screening.findings if entry["certainty"] == screening.outcome]
    names = dict.fromkeys(str(entry["column"]) or screening.upload.file_name for entry in grave)
    return rules.ScreeningFacts(
        outcome=screening.outcome, decision=screening.decision, reason=screening.reason, columns=tuple(names)
    )


def _media_type(upload: Upload, plan: Plan | None) -> str:
    kind = plan.reading.result.format if plan is not None else ""
    suffix = Path(upload.file_name).suffix.lower().removeprefix(".")
    if kind == "json" and suffix == "geojson":
        kind = suffix
    return MEDIA_TYPES.get(kind or suffix, upload.media_type or "application/octet-stream")
