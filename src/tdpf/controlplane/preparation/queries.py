"""The reads of preparation; what a standing may not see is not found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, rules
from tdpf.controlplane.preparation.engine.programs import is_program
from tdpf.controlplane.preparation.engine.sandbox import Reading, read_in_sandbox
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.models import ScreenedVersion, Screening, Upload
from tdpf.controlplane.preparation.reads import rates
from tdpf.controlplane.preparation.reads.comparing import comparison_of as comparison_of
from tdpf.controlplane.preparation.reads.conflicts import conflicts_of as conflicts_of
from tdpf.controlplane.preparation.reads.differences import difference_of, write_difference_of
from tdpf.controlplane.preparation.reads.folders import upload_file as upload_file
from tdpf.controlplane.preparation.reads.merges import kept_merge as kept_merge
from tdpf.controlplane.preparation.reads.merges import merges_of as merges_of
from tdpf.controlplane.preparation.reads.merges import page_of_upload as page_of_upload
from tdpf.controlplane.preparation.reads.merges import renewal_was_lost as renewal_was_lost
from tdpf.controlplane.preparation.reads.merges import work_of_renewal as work_of_renewal
from tdpf.controlplane.preparation.reads.planning import Plan, plan_version, reading_of
from tdpf.controlplane.preparation.reads.rates import facts_about as facts_about
from tdpf.controlplane.preparation.reads.rates import rate_file as rate_file
from tdpf.controlplane.preparation.reads.recipes import manual_of_version as manual_of_version
from tdpf.controlplane.preparation.reads.recipes import recipe_by_hash as recipe_by_hash
from tdpf.controlplane.preparation.reads.recipes import recipes_of as recipes_of
from tdpf.controlplane.preparation.reads.recipes import stored_recipe as stored_recipe
from tdpf.controlplane.preparation.reads.workpieces import address_of as address_of
from tdpf.controlplane.preparation.reads.workpieces import cell_picture as cell_picture
from tdpf.controlplane.preparation.reads.workpieces import columns_asked as columns_asked
from tdpf.controlplane.preparation.reads.workpieces import columns_of_persons as columns_of_persons
from tdpf.controlplane.preparation.reads.workpieces import fields_made as fields_made
from tdpf.controlplane.preparation.reads.workpieces import fields_of as fields_of
from tdpf.controlplane.preparation.reads.workpieces import files_looked as files_looked
from tdpf.controlplane.preparation.reads.workpieces import is_unread as is_unread
from tdpf.controlplane.preparation.reads.workpieces import kept_hours as kept_hours
from tdpf.controlplane.preparation.reads.workpieces import pairs_judged as pairs_judged
from tdpf.controlplane.preparation.reads.workpieces import progress_of as progress_of
from tdpf.controlplane.preparation.reads.workpieces import result_file as result_file
from tdpf.controlplane.preparation.reads.workpieces import result_of as result_of
from tdpf.controlplane.preparation.reads.workpieces import schemas_offered as schemas_offered
from tdpf.controlplane.preparation.reads.workpieces import waiting_of as waiting_of
from tdpf.controlplane.preparation.reads.workpieces import workpiece_at as workpiece_at
from tdpf.controlplane.preparation.reads.workpieces import workpieces_of as workpieces_of
from tdpf.controlplane.preparation.types import Preview, RatingShown, ScreeningDecision, ScreeningOutcome, UploadState
from tdpf.kit.pages import Page
from tdpf.tables.difference_files import DifferenceWords

PREVIEWED = 20
_STRANGE_COLUMNS = 500
_MOST_REFUSALS = 20
_GRAVITY = {"confirmed": 4, "refused": 3, "doubtful": 2, "accepted": 1, "clear": 0}


def get_upload(uid: str, standing: Standing) -> Upload:
    """Return an upload that the standing may see. Raises UploadUnknown."""
    row = Upload.objects.filter(uid=uid).select_related("party", "member").first()
    if row is None or not _may_see(row, standing):
        raise errors.UploadUnknown(upload=uid)
    return row


def uploads_for(standing: Standing, *, offset: int = 0, limit: int = 50) -> Page[Upload]:
    """Return the uploads of the parties a member speaks for that still have bytes, newest first."""
    rows = (
        Upload.objects.filter(party_id__in=list(standing.roles))
        .exclude(state=UploadState.DISCARDED)
        .select_related("party", "member")
    )
    return Page(items=list(rows[offset : offset + limit]), total=rows.count(), offset=offset, limit=limit)


def rating_of_upload(uid: str, standing: Standing) -> RatingShown | None:
    """Return the readability rating of an upload's last reading, or None before it. Raises UploadUnknown."""
    rating = rates.upload_rating(get_upload(uid, standing))
    return rates.shown(rating) if rating is not None else None


def preview(uid: str, standing: Standing, *, rows: int = PREVIEWED, distribution_uid: str | None = None) -> Preview:
    """Return the first rows and everything that would be published, edits included, before anything is saved.

    With a distribution, titles, units and types of its latest version are carried over. Raises UploadUnknown, UploadWrongState (not read).
    """
    upload = get_upload(uid, standing)
    reading = reading_of(upload)
    plan = plan_version(upload, distribution_uid=distribution_uid)
    table = reading.result.table
    notes = [*reading.result.notes, *table.notes, *(note for column in table.columns for note in column.notes)]
    return Preview(
        upload_uid=upload.uid,
        format=reading.result.format,
        encoding=reading.result.encoding,
        delimiter=reading.result.delimiter,
        table_id=table.id,
        sheet=table.sheet,
        range=table.range,
        header_rows=table.header_rows,
        row_count=table.row_count,
        rows=tuple(tuple(row) for row in islice(table.iter_rows(), rows)),
        dictionary=tuple(plan.dictionary),
        key_columns=plan.key_columns,
        metadata=dict(reading.metadata),
        notes=tuple(asdict(note) for note in notes),
        examples=tuple(column.examples for column in table.columns),
    )


def difference(uid: str, standing: Standing, *, distribution_uid: str) -> dict[str, Any] | None:
    """Return what an upload would change of a distribution's latest version; None where it is told only when published.

    Raises UploadUnknown, OtherProvider, UploadWrongState (not read).
    """
    return difference_of(get_upload(uid, standing), distribution_uid)


def write_difference(uid: str, standing: Standing, out: Path, *, distribution_uid: str, words: DifferenceWords) -> bool:
    """Write every row that an upload would change as CSV; returns False where `difference` returns None. Raises as it does."""
    return write_difference_of(get_upload(uid, standing), distribution_uid, out, words=words)


def refused_as_it_is(upload: Upload) -> errors.NotAsItIs | None:
    """Return the problem that keeps an upload from being offered as a file, without a table; None where it may be."""
    path = upload_file(upload.uid)
    why = rules.why_not_as_it_is(
        str((upload.problem or {}).get("code", "")),
        size=upload.size,
        is_program=path.exists() and is_program(path, upload.file_name),
    )
    return errors.NotAsItIs(file=upload.file_name, why_ja=why.ja, why_en=why.en) if why else None


def rows_at(uid: str, standing: Standing, numbers: Collection[int]) -> tuple[tuple[int, tuple[str | None, ...]], ...]:
    """Return the rows of these numbers (of the data, from 1) with their numbers, in order; raises as `preview`."""
    last = max(numbers, default=0)
    rows = islice(reading_of(get_upload(uid, standing)).result.table.iter_rows(), last)
    return tuple((number, tuple(row)) for number, row in enumerate(rows, 1) if number in numbers)


def read_strange_file(path: Path, name: str, *, folder: Path, choice: str | None = None) -> Reading:
    """Read the table of a file that is nobody's upload, and it alone, in the sandbox; rows are left in `folder`, which must exist.

    A value that is too long is cut, a row that is too wide as well: who wrote it is not there to mend it.
    `choice` is the id of one table of several. Raises a `NotReadable` (SeveralTables lists the choices in its data).
    """
    limits = Limits(cuts=True, max_columns=_STRANGE_COLUMNS)
    return read_in_sandbox(path, name, folder=folder, choice=choice, limits=limits, table_only=True)


def planned_identity(
    upload_uid: str,
    dictionary: Sequence[Mapping[str, Any]] = (),
    key_columns: Sequence[str] = (),
    distribution_uid: str | None = None,
) -> str:
    """Return the identity that `publish_upload_as_version` would give with these arguments; no permission is asked."""
    upload = Upload.objects.filter(uid=upload_uid).first()
    if upload is None:
        raise errors.UploadUnknown(upload=upload_uid)
    if distribution_uid and catalog.get_distribution(distribution_uid).kind != "table":
        return upload.sha256
    plan: Plan = plan_version(upload, dictionary=dictionary, key_columns=key_columns, distribution_uid=distribution_uid)
    return plan.identity


def screening_of(upload_uid: str, standing: Standing) -> Screening | None:
    """Return the screening of an upload's last reading, or None when there is none. Raises UploadUnknown."""
    upload = get_upload(upload_uid, standing)
    return latest_screening(upload)


def latest_screening(upload: Upload) -> Screening | None:
    """Return the screening of an upload's last reading."""
    return Screening.objects.filter(upload=upload).order_by("-id").first()


def get_screening(uid: str, standing: Standing) -> Screening:
    """Return a screening for the operator or the party concerned. Raises ScreeningUnknown."""
    row = Screening.objects.filter(uid=uid).select_related("upload__party", "upload__member", "decided_by").first()
    if row is None or not _may_see(row.upload, standing):
        raise errors.ScreeningUnknown(screening=uid)
    return row


def screenings_to_decide(standing: Standing | None = None) -> list[Screening]:
    """Return the doubtful screenings that wait, oldest first; with a standing, only to an operator.

    An upload that was discarded or read anew needs no decision any more.
    """
    if standing is not None:
        members.may_operate(standing)
    rows = _open().select_related("upload__party", "upload__member")
    newest: dict[int, Screening] = {}
    for row in rows:
        newest[row.upload_id] = row
    return sorted(newest.values(), key=lambda row: row.pk)


def refusals_for(standing: Standing) -> list[Screening]:
    """Return the last screening of each upload of a member's parties that may not be published as it is, newest first."""
    newer = Screening.objects.filter(upload=OuterRef("upload"), id__gt=OuterRef("id"))
    rows = (
        Screening.objects.filter(
            Q(outcome=ScreeningOutcome.CONFIRMED) | Q(decision=ScreeningDecision.REFUSED),
            ~Exists(newer),
            upload__party_id__in=list(standing.roles),
            upload__state__in=(UploadState.READ, UploadState.USED),
        )
        .exclude(decision=ScreeningDecision.ACCEPTED)
        .select_related("upload")
        .order_by("-id")
    )
    return list(rows[:_MOST_REFUSALS])


def upload_of_version(identity: str, standing: Standing) -> Upload | None:
    """Return the upload whose screening stands for a version, for the party concerned or the operator."""
    stands = ScreenedVersion.objects.filter(identity=identity).select_related("screening__upload").first()
    if stands is None or not _may_see(stands.screening.upload, standing):
        return None
    return stands.screening.upload


def screening_outcome_for(original_sha256: str, identity: str) -> str:
    """Return how a version's data were judged: clear, doubtful, confirmed, accepted, refused or missing.

    Without a screening of that identity the gravest one of the same file counts.
    """
    own = ScreenedVersion.objects.filter(identity=identity).select_related("screening").first()
    if own is not None:
        return rules.outcome_word(own.screening.outcome, own.screening.decision)
    words = [
        rules.outcome_word(row.outcome, row.decision)
        for row in Screening.objects.filter(original_sha256=original_sha256)
    ]
    return max(words, key=lambda word: _GRAVITY[word], default="missing")


def _open() -> QuerySet[Screening]:
    return (
        Screening.objects.filter(outcome=ScreeningOutcome.DOUBTFUL, decision=ScreeningDecision.WAITING)
        .exclude(upload__state=UploadState.DISCARDED, versions__isnull=True)
        .order_by("id")
    )


def _may_see(upload: Upload, standing: Standing) -> bool:
    return upload.party_id in standing.roles or standing.is_operator
