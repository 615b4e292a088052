"""Writing what people wish for and say: data requests, votes, feedback, answers, ratings; the same rules as the pages'."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community import services
from tdpf.controlplane.community.types import Target
from tdpf.controlplane.members.types import Standing
from tdpf.faces.api.credentials import actor_of, person_of, writes_feedback, writes_requests
from tdpf.faces.api.v1 import forms
from tdpf.faces.api.v1 import listening_shapes as shapes
from tdpf.faces.api.v1.listening import shown_data_request, shown_feedback

router = Router(tags=["listening"])


@router.post(
    "/data-requests",
    response={201: shapes.DataRequest},
    auth=writes_requests,
    operation_id="requestData",
    summary="Ask for data",
)
def request_data(request: HttpRequest, payload: forms.NewDataRequest) -> Status[Any]:
    """Ask for data that are missing, in no catalogue, or in a bad format; the asker's own vote counts at once."""
    actor = actor_of(request)
    uid = services.request_data(
        actor=actor,
        dataset_uid=catalog.dataset_page(payload.dataset, actor).uid if payload.dataset else "",
        distribution_name=payload.distribution,
        **payload.model_dump(exclude={"dataset", "distribution"}),
    )
    return Status(201, _data_request(uid, actor))


@router.put(
    "/data-requests/{uid}/vote",
    response=shapes.DataRequest,
    auth=writes_requests,
    operation_id="voteForDataRequest",
    summary="Want the data too",
)
def vote(request: HttpRequest, uid: str) -> dict[str, Any]:
    """One vote a member; twice changes nothing. A vote for a merged request counts where it went."""
    actor = actor_of(request)
    services.vote(actor=actor, request_uid=uid)
    return _data_request(uid, actor)


@router.delete(
    "/data-requests/{uid}/vote",
    response=shapes.DataRequest,
    auth=writes_requests,
    operation_id="takeVoteBack",
    summary="Take one's vote back",
)
def take_vote_back(request: HttpRequest, uid: str) -> dict[str, Any]:
    """Take the member's vote back; the vote of who asked stays."""
    actor = actor_of(request)
    services.take_vote_back(actor=actor, request_uid=uid)
    return _data_request(uid, actor)


@router.post(
    "/data-requests/{uid}/withdraw",
    response=shapes.DataRequest,
    auth=writes_requests,
    operation_id="withdrawDataRequest",
    summary="Take one's request back",
)
def withdraw(request: HttpRequest, uid: str, payload: forms.Withdrawn) -> dict[str, Any]:
    """Only who asked may; it stays readable as withdrawn."""
    actor = actor_of(request)
    services.withdraw_data_request(actor=actor, request_uid=uid, reason=payload.reason)
    return _data_request(uid, actor)


@router.post(
    "/datasets/{slug}/feedback",
    response={201: shapes.Feedback},
    auth=writes_feedback,
    operation_id="submitFeedback",
    summary="Ask, correct, or tell of a use",
)
def submit_feedback(request: HttpRequest, slug: str, payload: forms.NewFeedback) -> Status[Any]:
    """A question or correction is public at once; a reuse once the owner or the operator released it."""
    actor = actor_of(request)
    uid = services.submit_feedback(
        actor=actor,
        dataset_uid=catalog.dataset_page(slug, actor).uid,
        target=Target(**payload.target.model_dump()),
        **payload.model_dump(exclude={"target"}),
    )
    return Status(201, _feedback(uid, actor))


@router.post(
    "/feedback/{uid}/answer",
    response=shapes.Feedback,
    auth=writes_feedback,
    operation_id="answerFeedback",
    summary="Answer for the owner",
)
def answer_feedback(request: HttpRequest, uid: str, payload: forms.Answer) -> dict[str, Any]:
    """Only for data of the application's owner, by a member who may edit there; it makes a held question public."""
    actor = actor_of(request)
    services.answer_feedback(actor=actor, feedback_uid=uid, answer=payload.answer, text=payload.text)
    return _feedback(uid, actor)


@router.post(
    "/feedback/{uid}/replies",
    response={201: shapes.Feedback},
    auth=writes_feedback,
    operation_id="replyToAnswer",
    summary="Write again to an answer",
)
def reply(request: HttpRequest, uid: str, payload: forms.NewReply) -> Status[Any]:
    """Only the thread's author may; it opens the thread anew."""
    actor = actor_of(request)
    services.reply_to_answer(actor=actor, feedback_uid=uid, text=payload.text)
    return Status(201, _feedback(uid, actor))


@router.post(
    "/feedback/{uid}/close",
    response=shapes.Feedback,
    auth=writes_feedback,
    operation_id="closeFeedback",
    summary="Close a thread",
)
def close(request: HttpRequest, uid: str) -> dict[str, Any]:
    """For its author and the data's owner."""
    actor = actor_of(request)
    services.close_feedback(actor=actor, feedback_uid=uid)
    return _feedback(uid, actor)


@router.put(
    "/datasets/{slug}/rating",
    response=shapes.Ratings,
    auth=writes_feedback,
    operation_id="rateDataset",
    summary="Rate a dataset",
)
def rate(request: HttpRequest, slug: str, payload: forms.NewRating) -> dict[str, Any]:
    """One rating a member, changed by sending another; nobody rates the data of a party they belong to."""
    return _rated(request, slug, payload.points, payload.word)


@router.delete(
    "/datasets/{slug}/rating",
    response=shapes.Ratings,
    auth=writes_feedback,
    operation_id="takeRatingBack",
    summary="Take one's rating back",
)
def take_rating_back(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Take the member's rating back."""
    return _rated(request, slug, 0, "")


@router.post(
    "/answers",
    response=shapes.Answered,
    auth=writes_feedback,
    operation_id="answerErrand",
    summary="Answer what was carried to a holder",
)
def answer_errand(request: HttpRequest, payload: forms.HoldersAnswer) -> dict[str, str]:  # noqa: ARG001 - ninja passes it
    """What the page behind the mailed link does, for a holder's own programs: whoever holds the link answers, once."""
    services.answer_errand(**payload.model_dump())
    errand = community.answer_page(payload.token).errand
    return {"answer": errand.answer, "about": "request" if errand.is_request else "feedback"}


def _data_request(uid: str, actor: Standing) -> dict[str, Any]:
    return shown_data_request(community.get_data_request(uid, actor))


def _feedback(uid: str, actor: Standing) -> dict[str, Any]:
    return shown_feedback(community.get_feedback(uid, actor))


def _rated(request: HttpRequest, slug: str, points: int, word: str) -> dict[str, Any]:
    person = person_of(request)
    page = catalog.dataset_page(slug, person)
    services.rate_dataset(actor=person, dataset_uid=page.uid, points=points, word=word)
    voices = community.voices_of(page.uid, person)
    return {"points": points, "average": voices.average, "rated": voices.rated}
