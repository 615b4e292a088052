"""Takes the table of an upload in once more, without the columns in which the screen for personal data found something."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, queries
from tdpf.controlplane.preparation.models import Upload
from tdpf.controlplane.preparation.reads.folders import upload_folder
from tdpf.controlplane.preparation.reads.planning import reading_of
from tdpf.controlplane.preparation.verbs.receiving import upload_file_whole
from tdpf.kit.text import Text

_PIECE = 4 * 1024 * 1024
_ENDING = Text("（見つかった列を除いた版）", " (without the columns found)")


def leave_out_found(*, actor: Standing, upload_uid: str, language: str) -> Upload:
    """Hand in a new CSV of the rows of an upload, without the columns that its last screening names; what is left is screened anew.

    Words beside the table stay behind, too. Raises UploadUnknown, UploadWrongState, NothingLeft, and as `upload_file_whole`.
    """
    upload = queries.get_upload(upload_uid, actor)
    table = reading_of(upload).result.table
    screening = queries.latest_screening(upload)
    found = {str(one["column"]) for one in screening.findings if one["certainty"] != "clear"} if screening else set()
    kept = [place for place, name in enumerate(table.column_names) if name not in found]
    if not kept:
        raise errors.NothingLeft(columns="・".join(f"「{name}」" for name in table.column_names))
    name = f"{Path(upload.file_name).stem[:150]}{_ENDING.in_(language)}.csv"
    with tempfile.TemporaryFile(dir=upload_folder(upload.uid)) as made:
        text = io.TextIOWrapper(made, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow([table.column_names[place] for place in kept])
        writer.writerows([row[place] for place in kept] for row in table.iter_rows())
        size = made.tell()
        made.seek(0)

        def pieces() -> Iterator[bytes]:
            while piece := made.read(_PIECE):
                yield piece

        return upload_file_whole(
            actor=actor, party_id=upload.party_id, file_name=name, size=size, pieces=pieces(), media_type="text/csv"
        )
