"""Every write of this room: keyword-only verbs, one transaction each; the actor is a Standing."""

from __future__ import annotations

from tdpf.controlplane.community.verbs.carrying import (
    answer_errand,
    remind_holders,
    resend_errand,
    revoke_errand,
    see_answer,
    send_errand,
)
from tdpf.controlplane.community.verbs.data_requests import (
    merge_requests,
    moderate_request,
    move_request,
    request_data,
    take_vote_back,
    vote,
    withdraw_data_request,
)
from tdpf.controlplane.community.verbs.feedback import (
    answer_feedback,
    close_feedback,
    hide_rating,
    moderate_feedback,
    rate_dataset,
    reply_to_answer,
    submit_feedback,
)
from tdpf.controlplane.community.verbs.following import change_pace, follow, follow_more, stop_following, unfollow
from tdpf.controlplane.community.verbs.visiting import confirm, forget_unconfirmed

__all__ = [
    "answer_errand",
    "answer_feedback",
    "change_pace",
    "close_feedback",
    "confirm",
    "follow",
    "follow_more",
    "forget_unconfirmed",
    "hide_rating",
    "merge_requests",
    "moderate_feedback",
    "moderate_request",
    "move_request",
    "rate_dataset",
    "remind_holders",
    "reply_to_answer",
    "request_data",
    "resend_errand",
    "revoke_errand",
    "see_answer",
    "send_errand",
    "stop_following",
    "submit_feedback",
    "take_vote_back",
    "unfollow",
    "vote",
    "withdraw_data_request",
]
