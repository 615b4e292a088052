"""Every read of this room, and the pure functions that faces use on what they read."""

from __future__ import annotations

from tdpf.controlplane.community.mail_links import trace_of
from tdpf.controlplane.community.reads.carrying import (
    answer_page,
    confirmation_page,
    errands_of,
    listening_desk,
    waiting_counts,
)
from tdpf.controlplane.community.reads.data_requests import (
    data_requests_by,
    get_data_request,
    list_data_requests,
    similar_datasets,
    similar_requests,
)
from tdpf.controlplane.community.reads.feedback import (
    feedback_by,
    feedback_to,
    feedback_to_review,
    get_feedback,
    threads_of,
    voices_of,
)
from tdpf.controlplane.community.reads.feeds import (
    follows_of,
    is_following_key,
    publisher_feed,
    request_feed,
    requests_feed,
    search_feed,
    theme_feed,
)
from tdpf.controlplane.community.reads.following import (
    dataset_feed,
    followed_by,
    follower_count,
    is_following,
)
from tdpf.controlplane.community.reads.webhooks import get_webhook, planned_changes_of, webhooks_of
from tdpf.controlplane.community.rules import ANSWERS, REUSE_KINDS, STATE_WORDS, canonical_search, steps_from

__all__ = [
    "ANSWERS",
    "REUSE_KINDS",
    "STATE_WORDS",
    "answer_page",
    "canonical_search",
    "confirmation_page",
    "data_requests_by",
    "dataset_feed",
    "errands_of",
    "feedback_by",
    "feedback_to",
    "feedback_to_review",
    "followed_by",
    "follower_count",
    "follows_of",
    "get_data_request",
    "get_feedback",
    "get_webhook",
    "is_following",
    "is_following_key",
    "list_data_requests",
    "listening_desk",
    "planned_changes_of",
    "publisher_feed",
    "request_feed",
    "requests_feed",
    "search_feed",
    "similar_datasets",
    "similar_requests",
    "steps_from",
    "theme_feed",
    "threads_of",
    "trace_of",
    "voices_of",
    "waiting_counts",
    "webhooks_of",
]
