"""Every write of this room: keyword-only verbs; the actor is a Standing.

Reading and building take seconds and hold no database transaction; what they found is kept in one transaction at the end.
"""

from __future__ import annotations

from tdpf.controlplane.preparation.verbs.choosing import (
    adopt_workpiece,
    answer_waiting,
    choose_columns,
    choose_schema,
    erase_workpiece,
    finish_workpiece,
    fold_duplicates,
    judge_pair,
    leave_recipe,
    start_workpiece,
    take_back_answer,
    try_again,
)
from tdpf.controlplane.preparation.verbs.conflicts import answer_conflict, take_back_conflict
from tdpf.controlplane.preparation.verbs.from_uploads import prepare_upload
from tdpf.controlplane.preparation.verbs.handing import erase_recipe, hand_on_workpiece, store_recipe
from tdpf.controlplane.preparation.verbs.judging import decide_screening
from tdpf.controlplane.preparation.verbs.leaving_out import leave_out_found
from tdpf.controlplane.preparation.verbs.merges import (
    ask_to_renew,
    conclude_renewal,
    keep_merge,
    note_used,
    renew_due,
    renew_fed_by,
    renew_merge,
    stop_merge,
)
from tdpf.controlplane.preparation.verbs.peeking import rate_bytes, rate_version, read_column_names
from tdpf.controlplane.preparation.verbs.publishing import keep_original, publish_upload_as_version, rebuild_lost
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
from tdpf.controlplane.preparation.verbs.working import (
    expire_workpieces,
    give_up_work,
    perform_work,
)

__all__ = [
    "adopt_workpiece",
    "answer_conflict",
    "answer_waiting",
    "append_bytes",
    "ask_to_read",
    "ask_to_renew",
    "choose_columns",
    "choose_schema",
    "conclude_renewal",
    "decide_screening",
    "discard_upload",
    "edit_dictionary",
    "erase_recipe",
    "erase_workpiece",
    "expire_uploads",
    "expire_workpieces",
    "finish_upload",
    "finish_workpiece",
    "fold_duplicates",
    "give_up_readings",
    "give_up_work",
    "hand_on_workpiece",
    "judge_pair",
    "keep_merge",
    "keep_original",
    "leave_out_found",
    "leave_recipe",
    "note_used",
    "perform_reading",
    "perform_work",
    "prepare_upload",
    "publish_upload_as_version",
    "rate_bytes",
    "rate_version",
    "read_column_names",
    "read_upload",
    "rebuild_lost",
    "renew_due",
    "renew_fed_by",
    "renew_merge",
    "start_upload",
    "start_workpiece",
    "stop_merge",
    "store_recipe",
    "take_back_answer",
    "take_back_conflict",
    "try_again",
    "upload_file_whole",
    "upload_from_url",
]
