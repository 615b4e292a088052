"""Begins to prepare a file that was handed in to be published: the very bytes that are here, nothing is sent again."""

from __future__ import annotations

from functools import partial

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import queries, rules
from tdpf.controlplane.preparation.models import Workpiece
from tdpf.controlplane.preparation.reads.folders import upload_file
from tdpf.controlplane.preparation.types import UploadState
from tdpf.controlplane.preparation.verbs.choosing import start_workpiece

_PIECE = 4 * 1024 * 1024


def prepare_upload(*, actor: Standing, upload_uid: str, dataset: str = "") -> Workpiece:
    """Have an upload's file prepared as a standard table, in the name of its party; the upload stays as it is.

    `dataset` is the slug of the dataset it was to be a new version of. Raises UploadUnknown, UploadWrongState, and as
    `start_workpiece`.
    """
    upload = queries.get_upload(upload_uid, actor)
    members.may_edit(actor, upload.party_id)
    rules.must_stand(upload.uid, upload.state, rules.WHOLE - {UploadState.READING, UploadState.USED})
    with upload_file(upload.uid).open("rb") as file:
        return start_workpiece(
            actor=actor,
            files=[(upload.file_name, upload.size, iter(partial(file.read, _PIECE), b""))],
            party_id=upload.party_id,
            begun_from={"upload": upload.uid, "dataset": dataset},
        )
