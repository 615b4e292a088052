"""Every write of this room: keyword-only verbs; the actor is a Standing.

Reading and building take seconds and hold no database transaction; what they found is kept in one transaction at the end.
"""

from __future__ import annotations

from tdpf.controlplane.preparation.verbs.judging import decide_screening
from tdpf.controlplane.preparation.verbs.peeking import read_column_names
from tdpf.controlplane.preparation.verbs.publishing import keep_original, publish_upload_as_version
from tdpf.controlplane.preparation.verbs.reading import (
    ask_to_read,
    edit_dictionary,
    give_up_readings,
    perform_reading,
    read_upload,
)
from tdpf.controlplane.preparation.verbs.receiving import (
    append_bytes,
    discard_upload,
    expire_uploads,
    finish_upload,
    start_upload,
    upload_file_whole,
    upload_from_url,
)

__all__ = [
    "append_bytes",
    "ask_to_read",
    "decide_screening",
    "discard_upload",
    "edit_dictionary",
    "expire_uploads",
    "finish_upload",
    "give_up_readings",
    "keep_original",
    "perform_reading",
    "publish_upload_as_version",
    "read_column_names",
    "read_upload",
    "start_upload",
    "upload_file_whole",
    "upload_from_url",
]
