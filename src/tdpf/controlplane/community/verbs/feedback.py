"""Writes about what people say of datasets: threads, their answers, their moderation, and ratings."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.community import errors, events, rules
from tdpf.controlplane.community.models import Feedback, FeedbackReply, Rating
from tdpf.controlplane.community.reads.feedback import feedback_row, may_read
from tdpf.controlplane.community.types import FeedbackKind, FeedbackState, Target, Visibility, VisitorWords
from tdpf.controlplane.community.verbs.visiting import ask_to_confirm, met_visitor, take_knock, tidy_visitor
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now

_NOWHERE = Target()


@transaction.atomic
def submit_feedback(
    *,
    actor: Standing,
    dataset_uid: str,
    kind: str,
    text: str = "",
    title: str = "",
    target: Target = _NOWHERE,
    url: str = "",
    reuse_kind: str = "",
    visitor: VisitorWords | None = None,
) -> str:
    """Ask, correct, or tell of a use; return the thread's uid. A visitor's words count once the mailed link is opened.

    A reuse is told by members only. Raises SignInNeeded, MemberSuspended, DatasetUnknown (drafts included),
    WordsInvalid, TooMuchAtOnce. Announces FeedbackSubmitted.
    """
    stranger = tidy_visitor(visitor) if actor.is_anonymous and kind != FeedbackKind.REUSE else None
    if stranger is None:
        members.must_be_free_to_act(actor)
    dataset = catalog.get_dataset(dataset_uid)
    if dataset.state not in ("published", "withdrawn"):
        raise DatasetUnknown(dataset=dataset_uid)
    title, text, url = rules.one_line(title), rules.tidy(text), rules.one_line(url)
    aimed = replace(target, **{name: rules.one_line(str(value)) for name, value in asdict(target).items()})
    rules.must_fit(
        rules.feedback_faults(
            kind, title=title, text=text, target=aimed, url=url, reuse_kind=reuse_kind, visitor=stranger
        )
    )
    instant = now()
    if stranger is not None:
        take_knock(stranger, instant)
    else:
        # A form sent twice must not reach the owner twice.
        member_services.one_after_another(actor)
        same = Feedback.objects.filter(member=actor.member_id, dataset=dataset, kind=kind, title=title, text=text)
        if known := _said_just_now(same, aimed, instant):
            return known
        _must_not_flood(actor, instant)
    met = met_visitor(stranger) if stranger is not None else None
    row = Feedback.objects.create(
        dataset=dataset,
        kind=kind,
        member_id=None if met is not None else actor.member_id,
        visitor=met,
        visitor_name=stranger.name if stranger is not None else "",
        title=title,
        text=text,
        target={name: value for name, value in asdict(aimed).items() if value},
        url=url if kind == FeedbackKind.REUSE else "",
        reuse_kind=reuse_kind if kind == FeedbackKind.REUSE else "",
        state=FeedbackState.UNCONFIRMED if met is not None else FeedbackState.OPEN,
        visibility=rules.first_visibility(kind, by_visitor=met is not None),
        said_at=instant,
        changed_at=instant,
    )
    if met is not None:
        ask_to_confirm(met, instant, feedback=row)
    else:
        announce(events.FeedbackSubmitted(actor=actor.actor, kind=kind, **_fields(row)))
    return row.uid


@transaction.atomic
def answer_feedback(*, actor: Standing, feedback_uid: str, answer: str, text: str) -> None:
    """Answer for the owner (or as the operator): answered, mended or declined; held questions become public by it.

    Raises FeedbackUnknown, RoleNeeded and the others of `members.may_edit`, WordsInvalid, WrongStep. Announces
    FeedbackAnswered.
    """
    row = locked_feedback(feedback_uid, actor)
    side, name = "operator", ""
    if not rules.may_own(actor.roles, row.dataset.provider_id) and actor.is_operator:
        members.may_operate(actor)
    else:
        members.may_edit(actor, row.dataset.provider_id)
        side, name = "owner", row.dataset.provider.name_ja
    said = rules.tidy(text)
    rules.must_fit(rules.text_faults("text", said, needed=answer != FeedbackState.MENDED))
    take_answer(row, answer=answer, text=said, side=side, name=name, actor=actor.actor, member_id=actor.member_id)


def take_answer(
    row: Feedback, *, answer: str, text: str, side: str, name: str, actor: str, member_id: int | None
) -> None:
    """Record an answer in a locked thread; called by the owner's verb and by the answer page's. Raises WrongStep."""
    instant = now()
    if row.visibility == Visibility.HIDDEN:
        raise rules.wrong_step("closed")
    after = rules.feedback_after(FeedbackState(row.state), answer, closed=row.closed_at is not None)
    FeedbackReply.objects.create(
        feedback=row, side=side, name=name[:200], member_id=member_id, state=after.value, text=text, at=instant
    )
    row.state = after.value
    row.visibility = rules.visibility_after_answer(Visibility(row.visibility), FeedbackKind(row.kind)).value
    row.changed_at = instant
    row.save(update_fields=["state", "visibility", "changed_at"])
    announce(events.FeedbackAnswered(actor=actor, state=after.value, side=side, **_fields(row)))


@transaction.atomic
def reply_to_answer(*, actor: Standing, feedback_uid: str, text: str) -> None:
    """Let the author write again, which opens the thread anew.

    Raises FeedbackUnknown, NotYours, MemberSuspended, WordsInvalid, WrongStep, TooMuchAtOnce. Announces FeedbackReplied.
    """
    members.must_be_free_to_act(actor)
    row = locked_feedback(feedback_uid, actor)
    if row.member_id != actor.member_id:
        raise errors.NotYours
    if row.closed_at is not None or row.visibility == Visibility.HIDDEN:
        raise rules.wrong_step("closed")
    said, instant = rules.tidy(text), now()
    rules.must_fit(rules.text_faults("text", said))
    _must_not_flood(actor, instant)
    FeedbackReply.objects.create(
        feedback=row, side="author", name=actor.display_name, member_id=actor.member_id, text=said, at=instant
    )
    row.state = FeedbackState.OPEN.value
    row.changed_at = instant
    row.save(update_fields=["state", "changed_at"])
    announce(events.FeedbackReplied(actor=actor.actor, **_fields(row)))


@transaction.atomic
def close_feedback(*, actor: Standing, feedback_uid: str) -> None:
    """Close a thread: its author, its owner or the operator. Raises FeedbackUnknown, NotYours, WrongStep."""
    members.must_be_free_to_act(actor)
    row = locked_feedback(feedback_uid, actor)
    own = rules.may_own(actor.roles, row.dataset.provider_id)
    if not (own or actor.is_operator or row.member_id == actor.member_id):
        raise errors.NotYours
    if row.closed_at is not None:
        raise rules.wrong_step("closed")
    row.closed_at = row.changed_at = now()
    row.save(update_fields=["closed_at", "changed_at"])
    announce(events.FeedbackClosed(actor=actor.actor, **_fields(row)))


@transaction.atomic
def moderate_feedback(*, actor: Standing, feedback_uid: str, visibility: str, reason: str = "") -> None:
    """Release a thread to everybody, or hide it with a reason; an owner may release a reuse of its own data.

    Raises FeedbackUnknown, OperatorNeeded, MfaNeeded, WordsInvalid. Announces FeedbackModerated.
    """
    row = locked_feedback(feedback_uid, actor)
    said = rules.tidy(reason)
    releasing = visibility == Visibility.SHOWN
    owner_releases = (
        releasing
        and row.kind == FeedbackKind.REUSE
        and row.visibility == Visibility.HELD
        and rules.may_own(actor.roles, row.dataset.provider_id)
    )
    if owner_releases:
        members.may_edit(actor, row.dataset.provider_id)
    else:
        members.may_operate(actor)
    rules.must_fit(rules.text_faults("reason", said, most=1000, needed=not releasing))
    row.visibility = Visibility.SHOWN.value if releasing else Visibility.HIDDEN.value
    row.hidden_reason = "" if releasing else said
    row.changed_at = now()
    row.save(update_fields=["visibility", "hidden_reason", "changed_at"])
    announce(events.FeedbackModerated(actor=actor.actor, reason=said, visibility=row.visibility, **_fields(row)))


@transaction.atomic
def rate_dataset(*, actor: Standing, dataset_uid: str, points: int, word: str = "") -> None:
    """Rate a dataset from one to five with a word, or change one's rating; 0 points take it back.

    Raises SignInNeeded, MemberSuspended, DatasetUnknown, OwnData, WordsInvalid. Announces DatasetRated; taking back what
    was not given, or is hidden, changes nothing.
    """
    members.must_be_free_to_act(actor)
    dataset = catalog.get_dataset(dataset_uid)
    if dataset.state not in ("published", "withdrawn"):
        raise DatasetUnknown(dataset=dataset_uid)
    if dataset.provider_id in actor.roles:
        raise errors.OwnData
    said = rules.one_line(word)
    if points == 0:
        if not Rating.objects.filter(dataset=dataset, member=actor.member_id, hidden_reason="").delete()[0]:
            return
    else:
        rules.must_fit(rules.rating_faults(points, said))
        Rating.objects.update_or_create(
            dataset=dataset, member_id=actor.member_id, defaults={"points": points, "word": said, "at": now()}
        )
    announce(
        events.DatasetRated(actor=actor.actor, subject=f"dataset:{dataset.uid}", dataset_uid=dataset.uid, points=points)
    )


@transaction.atomic
def hide_rating(*, actor: Standing, dataset_uid: str, member_uid: str, reason: str) -> None:
    """Hide a rating and leave it out of the average; it stays hidden when its member changes it.

    Raises OperatorNeeded, MfaNeeded, WordsInvalid, FeedbackUnknown. Announces RatingHidden.
    """
    members.may_operate(actor)
    said = rules.tidy(reason)
    rules.must_fit(rules.text_faults("reason", said, most=1000))
    found = Rating.objects.filter(dataset__uid=dataset_uid, member__uid=member_uid)
    if not found.update(hidden_reason=said):
        raise errors.FeedbackUnknown(feedback=dataset_uid)
    announce(
        events.RatingHidden(
            actor=actor.actor,
            subject=f"dataset:{dataset_uid}",
            reason=said,
            dataset_uid=dataset_uid,
            member_uid=member_uid,
        )
    )


def locked_feedback(uid: str, actor: Standing) -> Feedback:
    """Lock a thread that the actor may read and return it with its dataset. Raises FeedbackUnknown."""
    Feedback.objects.select_for_update().filter(uid=uid).first()
    row = feedback_row(uid)
    if not may_read(row, actor):
        raise errors.FeedbackUnknown(feedback=uid)
    return row


def _said_just_now(same: QuerySet[Feedback], aimed: Target, instant: datetime) -> str:
    """Return the thread that was opened a moment ago with the same words about the same, if nobody has answered it."""
    target = {name: value for name, value in asdict(aimed).items() if value}
    waiting = same.filter(state=FeedbackState.OPEN.value, said_at__gt=instant - rules.SAME_FORM)
    return next((found.uid for found in waiting if found.target == target), "")


def _must_not_flood(actor: Standing, instant: datetime) -> None:
    since = instant - rules.DAY
    written = Feedback.objects.filter(member=actor.member_id, said_at__gt=since).count()
    written += FeedbackReply.objects.filter(member=actor.member_id, side="author", at__gt=since).count()
    if written >= rules.MEMBER_DAILY:
        raise errors.TooMuchAtOnce(retry_after_seconds=3600)


def _fields(row: Feedback) -> dict[str, str]:
    return {"subject": f"feedback:{row.uid}", "feedback_uid": row.uid, "dataset_uid": row.dataset.uid}
