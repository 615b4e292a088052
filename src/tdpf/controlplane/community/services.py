"""Every write of this room: keyword-only verbs, one transaction each; the actor is a Standing."""

from __future__ import annotations

from tdpf.controlplane.community.verbs.announcing import (
    announce_change,
    take_back_change,
)
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
from tdpf.controlplane.community.verbs.moving import move_to_merged, move_voices
from tdpf.controlplane.community.verbs.telling import (
    forget_news,
    gather_digest,
    line_of,
    match_arrivals,
    queue_digests,
    tell,
    tell_of_changes,
)
from tdpf.controlplane.community.verbs.visiting import confirm, forget_unconfirmed, forget_visitors
from tdpf.controlplane.community.verbs.webhooks import (
    call_webhook,
    forget_deliveries,
    register_webhook,
    remove_webhook,
    renew_webhook_secret,
    start_webhook_again,
    try_webhook,
)

__all__ = [
    "announce_change",
    "answer_errand",
    "answer_feedback",
    "call_webhook",
    "change_pace",
    "close_feedback",
    "confirm",
    "follow",
    "follow_more",
    "forget_deliveries",
    "forget_news",
    "forget_unconfirmed",
    "forget_visitors",
    "gather_digest",
    "hide_rating",
    "line_of",
    "match_arrivals",
    "merge_requests",
    "moderate_feedback",
    "moderate_request",
    "move_request",
    "move_to_merged",
    "move_voices",
    "queue_digests",
    "rate_dataset",
    "register_webhook",
    "remind_holders",
    "remove_webhook",
    "renew_webhook_secret",
    "reply_to_answer",
    "request_data",
    "resend_errand",
    "revoke_errand",
    "see_answer",
    "send_errand",
    "start_webhook_again",
    "stop_following",
    "submit_feedback",
    "take_back_change",
    "take_vote_back",
    "tell",
    "tell_of_changes",
    "try_webhook",
    "unfollow",
    "vote",
    "withdraw_data_request",
]
