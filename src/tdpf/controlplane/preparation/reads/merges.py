"""Tables that renew themselves, as pages and letters show them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors
from tdpf.controlplane.preparation.models import KeptMerge
from tdpf.controlplane.preparation.types import UploadState, WorkpieceState
from tdpf.kit.home import home
from tdpf.kit.ids import is_uid
from tdpf.kit.text import Text

_WAITING = (UploadState.RECEIVED, UploadState.READING, UploadState.CHOOSING, UploadState.READ, UploadState.FAILED)
_HAPPENED = {
    "added": Text("増えた", "added"),
    "changed": Text("変わった", "changed"),
    "gone": Text("なくなった", "gone"),
}


def merge_folder(uid: str) -> Path:
    """Return where the last result of a table that renews itself lies."""
    if not is_uid(uid):
        raise ValueError(uid)
    return home().kept_merges / uid


def kept_merge(uid: str, standing: Standing) -> KeptMerge:
    """Return a table that renews itself, of the member's parties. Raises KeptMergeUnknown."""
    row = (
        KeptMerge.objects.filter(uid=uid, party_id__in=list(standing.roles)).select_related("member", "upload").first()
    )
    if row is None:
        raise errors.KeptMergeUnknown(merge=uid)
    return row


def merges_of(standing: Standing) -> list[KeptMerge]:
    """Return the tables of the member's parties that renew themselves, newest first."""
    rows = KeptMerge.objects.filter(party_id__in=list(standing.roles))
    return list(rows.select_related("party", "upload"))


def page_of_upload(row: KeptMerge) -> str:
    """Return the path of the page where the last renewal waits for the provider, "" when nothing waits."""
    if row.upload is None or row.upload.state not in _WAITING:
        return ""
    slug = catalog.get_distribution(row.distribution_uid).dataset.slug if row.distribution_uid else ""
    return f"/provide/uploads/{row.upload.uid}" + (f"?dataset={slug}" if slug else "")


def renewal_was_lost(row: KeptMerge) -> bool:
    """Say whether the last renewal was discarded before anybody signed it."""
    gone = row.upload is not None and row.upload.state == UploadState.DISCARDED
    return gone and (merge_folder(row.uid) / "next.csv").exists()


def work_of_renewal(row: KeptMerge) -> str:
    """Return the address of the workpiece that the waiting edition was made in, "" when none waits or its files are gone."""
    if row.upload is None or row.upload.state not in _WAITING:
        return ""
    made = row.workpieces.filter(upload=row.upload).exclude(state=WorkpieceState.ERASED).first()
    return made.uid if made else ""


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a result as they were written; none when there is none."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def renewal_letter(row: KeptMerge, payload: Mapping[str, Any], language: str, base: str) -> tuple[str, list[str]]:
    """Return subject and lines of the letter about a renewal that waits for a signature, or one that did not work."""
    if "problem" in payload:
        subject = Text(f"「{row.title}」を新しくできませんでした", f"“{row.title}” could not renew itself")
        told = (row.problem or {}).get(language, {})
        lines = [subject.in_(language), "", *(str(told.get(key, "")) for key in ("title", "detail", "cure"))]
        return subject.in_(language), [*lines, "", f"{base}/tools/prepare"]
    subject = Text(
        f"「{row.title}」の新しい版が署名を待っています", f"A new edition of “{row.title}” waits for your signature"
    )
    counts = Text(
        f"増えた行 {payload['added']}、変わった行 {payload['changed']}、なくなった行 {payload['gone']}、"
        f"新しい重複 {payload['new_duplicates']}、新しい食い違い {payload['new_conflicts']}",
        f"rows added {payload['added']}, changed {payload['changed']}, gone {payload['gone']}, "
        f"new duplicates {payload['new_duplicates']}, new conflicts {payload['new_conflicts']}",
    )
    why = Text(
        "材料のデータが新しくなったので、同じレシピで作り直しました。内容を確かめて表明保証に署名するまで、公開されません。",
        "A source has changed, so the table was made anew by the same recipe. It is not published until you have looked at it and "
        "signed the warranty.",
    )
    examples = [
        f"- {_HAPPENED[kind].in_(language)}: {name}{f'（{columns}）' if columns else ''}"
        for kind, name, columns in (row.changes or {}).get("examples", ())
    ]
    page = page_of_upload(row)
    return subject.in_(language), [why.in_(language), "", counts.in_(language), *examples, "", f"{base}{page}"]
