"""Every write of this room: keyword-only verbs, one transaction each; the actor is a Standing."""

from __future__ import annotations

from tdpf.controlplane.exchange.verbs.agreements import (
    dismiss_breach,
    end_agreement,
    end_due_agreements,
    lift_agreement_suspension,
    report_breach,
    suspend_agreement,
)
from tdpf.controlplane.exchange.verbs.offers import (
    describe_dataset,
    draft_offer,
    lift_offer_suspension,
    publish_offer,
    set_terms,
    suspend_offer,
)
from tdpf.controlplane.exchange.verbs.quotas import tell_quota_use
from tdpf.controlplane.exchange.verbs.requests import (
    answer_request,
    reply_to_question,
    request_agreement,
    withdraw_request,
)
from tdpf.controlplane.exchange.verbs.versions import publish_version
from tdpf.controlplane.exchange.verbs.warranties import (
    refuse_unwarranted_version,
    sign_warranty,
    sign_warranty_for_version,
)
from tdpf.controlplane.exchange.verbs.withdrawals import (
    end_due_withdrawals,
    give_withdrawal_notice,
    take_back_withdrawal_notice,
)

__all__ = [
    "answer_request",
    "describe_dataset",
    "dismiss_breach",
    "draft_offer",
    "end_agreement",
    "end_due_agreements",
    "end_due_withdrawals",
    "give_withdrawal_notice",
    "lift_agreement_suspension",
    "lift_offer_suspension",
    "publish_offer",
    "publish_version",
    "refuse_unwarranted_version",
    "reply_to_question",
    "report_breach",
    "request_agreement",
    "set_terms",
    "sign_warranty",
    "sign_warranty_for_version",
    "suspend_agreement",
    "suspend_offer",
    "take_back_withdrawal_notice",
    "tell_quota_use",
    "withdraw_request",
]
