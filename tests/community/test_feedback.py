"""Threads on datasets: who may write, who answers, what becomes public, what is hidden; ratings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from community_cast import link_in
from django.core.mail import EmailMessage

from tdpf.controlplane.catalog import errors as catalog_errors
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.community import errors, mailing, queries, services
from tdpf.controlplane.community.models import Confirmation, Feedback, Knock, Visitor
from tdpf.controlplane.community.types import FeedbackState, Target, Visibility, VisitorWords
from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import jobs
from tdpf.djangokit.models import Job, OutboxEvent
from tdpf.kit.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("listening")]
NOBODY = members.anonymous_standing()
RESIDENT = VisitorWords(email="Resident@Example.JP", name="住民", trace="t1")


def ask(actor: Standing, dataset: Dataset, **more: object) -> str:
    words: dict[str, object] = {"kind": "question", "text": "開園時間は何時ですか。", **more}
    return services.submit_feedback(actor=actor, dataset_uid=dataset.uid, **words)  # type: ignore[arg-type]  # a bag of words


def test_a_form_sent_twice_reaches_the_owner_once(
    provider: Standing, reader: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    uid = ask(reader, dataset)
    assert ask(reader, dataset) == uid
    assert ask(reader, dataset, text="休みの日はいつですか。") != uid
    services.answer_feedback(actor=provider, feedback_uid=uid, answer="answered", text="9時からです。")
    assert ask(reader, dataset) != uid
    jobs.run_pending()
    assert sum(letter.to == ["provider@example.jp"] for letter in mailoutbox) == 3


def test_a_question_reaches_the_owner_and_the_answer_the_author(
    provider: Standing, reader: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    uid = ask(reader, dataset)
    jobs.run_pending()
    assert [letter.to for letter in mailoutbox] == [["provider@example.jp"]]
    assert "開園時間は何時ですか。" in mailoutbox[0].body
    assert [view.uid for view in queries.feedback_to(provider, waiting_only=True).items] == [uid]
    services.answer_feedback(actor=provider, feedback_uid=uid, answer="answered", text="9時からです。")
    jobs.run_pending()
    assert mailoutbox[1].to == ["reader@example.jp"]
    assert "9時からです。" in mailoutbox[1].body
    view = queries.get_feedback(uid, NOBODY)
    assert (view.state, view.replies[0].side, view.replies[0].text) == (
        FeedbackState.ANSWERED,
        "owner",
        "9時からです。",
    )
    services.reply_to_answer(actor=reader, feedback_uid=uid, text="土日もですか。")
    assert queries.get_feedback(uid, NOBODY).state == FeedbackState.OPEN
    services.close_feedback(actor=reader, feedback_uid=uid)
    with pytest.raises(errors.WrongStep):
        services.answer_feedback(actor=provider, feedback_uid=uid, answer="answered", text="はい。")


def test_one_bad_address_stops_no_other_letter(
    reader: Standing,
    dataset: Dataset,
    mailoutbox: list[EmailMessage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of three operators the first cannot be reached: the others are told once, however often hers is tried again."""
    for name in ("first", "second", "third"):
        member_services.create_operator(email=f"{name}@example.jp", password="a long pass phrase 7", display_name=name)
    monkeypatch.setattr(queries, "waiting_counts", lambda: {"feedback": 1, "requests": 0, "answers": 0})
    send = mailing.send_mail

    def refusing(subject: str, body: str, sender: str, to: list[str]) -> int:
        if to == ["first@example.jp"]:
            raise SMTPRecipientsRefused({})
        return send(subject, body, sender, to)

    monkeypatch.setattr(mailing, "send_mail", refusing)
    jobs.enqueue("community.tasks.mail_desk", {})
    ask(reader, dataset)
    for _ in range(3):
        jobs.run_pending()
        Job.objects.update(run_at=now())
    told = [letter.to[0] for letter in mailoutbox]
    assert sorted(told) == ["provider@example.jp", "second@example.jp", "third@example.jp"]


def test_a_correction_is_read_where_it_is_confirmed_and_carried(
    dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    """Where, what stands there, what should: before anybody opens a page."""
    target = Target(place="港区役所", column="開園時間", current="9:00", proposed="8:30")
    ask(NOBODY, dataset, kind="correction", text="", target=target, visitor=RESIDENT)
    jobs.run_pending()
    token = link_in(mailoutbox[0].body, "/confirm")
    shown = queries.confirmation_page(token).text
    services.confirm(token=token)
    jobs.run_pending()
    carried = next(letter.body for letter in mailoutbox if letter.to == ["provider@example.jp"])
    for words in ("港区役所", "開園時間", "「9:00」→「8:30」"):
        assert words in shown
        assert words in carried


def test_a_correction_points_at_its_place(reader: Standing, provider: Standing, dataset: Dataset) -> None:
    target = Target(row="12", column="開園時間", current="9:00", proposed="8:30\u202e")
    uid = ask(reader, dataset, kind="correction", text="", target=target)
    assert queries.get_feedback(uid, NOBODY).target == replace(target, proposed="8:30")
    services.answer_feedback(actor=provider, feedback_uid=uid, answer="mended", text="")
    assert queries.get_feedback(uid, NOBODY).state == FeedbackState.MENDED


def test_a_visitor_confirms_by_mail_and_is_shown_after_the_answer(
    provider: Standing, reader: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    uid = ask(NOBODY, dataset, kind="correction", text="8時半からでした。<b>", visitor=RESIDENT)
    jobs.run_pending()
    assert [letter.to for letter in mailoutbox] == [["resident@example.jp"]]
    assert "8時半" not in mailoutbox[0].body, "nobody else's mail carries what a stranger typed"
    for standing in (NOBODY, reader, provider):
        with pytest.raises(errors.FeedbackUnknown):
            queries.get_feedback(uid, standing)
    token = link_in(mailoutbox[0].body, "/confirm")
    stored = Confirmation.objects.get()
    assert token not in str(stored.__dict__), "only the hash of the link is kept"
    assert not queries.confirmation_page(token).is_used
    assert queries.confirmation_page(token).is_used is False, "looking changes nothing"
    services.confirm(token=token)
    services.confirm(token=token)
    jobs.run_pending()
    assert [letter.to[0] for letter in mailoutbox[1:]] == ["provider@example.jp"]
    with pytest.raises(errors.FeedbackUnknown):
        queries.get_feedback(uid, reader)
    assert queries.get_feedback(uid, provider).visibility == Visibility.HELD
    assert queries.voices_of(dataset.uid, NOBODY).threads == ()
    services.answer_feedback(actor=provider, feedback_uid=uid, answer="mended", text="直しました。")
    jobs.run_pending()
    assert queries.voices_of(dataset.uid, NOBODY).threads[0].author == "住民"
    assert mailoutbox[-1].to == ["resident@example.jp"]
    assert OutboxEvent.objects.filter(name="community.FeedbackSubmitted").count() == 1


def test_nobody_names_somebody_else_by_their_address(dataset: Dataset, provider: Standing) -> None:
    ask(NOBODY, dataset, visitor=replace(RESIDENT, name="いたずら"))
    own = ask(NOBODY, dataset, text="休園日はいつですか。", visitor=RESIDENT)
    ask(NOBODY, dataset, text="ほかの問い", visitor=replace(RESIDENT, name=""))
    Feedback.objects.update(state=FeedbackState.OPEN)
    assert queries.get_feedback(own, provider).author == "住民"
    assert [view.author for view in queries.feedback_to(provider).items].count("いたずら") == 1


def test_the_operator_releases_and_hides_with_a_reason(
    operator: Standing, reader: Standing, provider: Standing, dataset: Dataset
) -> None:
    uid = ask(NOBODY, dataset, visitor=RESIDENT)
    Feedback.objects.update(state=FeedbackState.OPEN)
    assert [view.uid for view in queries.feedback_to_review(operator).items] == [uid]
    for other in (reader, provider):
        with pytest.raises((member_errors.OperatorNeeded, errors.FeedbackUnknown)):
            services.moderate_feedback(actor=other, feedback_uid=uid, visibility="shown")
    services.moderate_feedback(actor=operator, feedback_uid=uid, visibility="shown")
    assert queries.get_feedback(uid, NOBODY).uid == uid
    with pytest.raises(errors.WordsInvalid):
        services.moderate_feedback(actor=operator, feedback_uid=uid, visibility="hidden", reason=" ")
    services.moderate_feedback(actor=operator, feedback_uid=uid, visibility="hidden", reason="個人名")
    with pytest.raises(errors.FeedbackUnknown):
        queries.get_feedback(uid, NOBODY)
    event = OutboxEvent.objects.filter(name="community.FeedbackModerated").latest("id")
    assert (event.actor, event.reason) == (operator.member_uid, "個人名")


def test_a_reuse_is_looked_at_before_it_is_shown(reader: Standing, provider: Standing, dataset: Dataset) -> None:
    uid = ask(reader, dataset, kind="reuse", title="公園地図", url="https://map.example.jp/", reuse_kind="app")
    assert queries.voices_of(dataset.uid, NOBODY).reuses == ()
    services.moderate_feedback(actor=provider, feedback_uid=uid, visibility="shown")
    assert [view.title for view in queries.voices_of(dataset.uid, NOBODY).reuses] == ["公園地図"]
    with pytest.raises(member_errors.SignInNeeded):
        ask(NOBODY, dataset, kind="reuse", title="地図", reuse_kind="app", visitor=RESIDENT)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"kind": "praise"}, "kind"),
        ({"text": " \u200b\x00 ".replace("\u200b", "")}, "text"),
        ({"text": "あ" * 4001}, "text"),
        ({"title": "題" * 201}, "title"),
        ({"target": Target(row="x" * 501)}, "row"),
        ({"kind": "reuse", "title": "", "reuse_kind": "app"}, "title"),
        ({"kind": "reuse", "title": "地図", "reuse_kind": "fun"}, "reuse_kind"),
        ({"kind": "reuse", "title": "地図", "reuse_kind": "app", "url": "javascript:alert(1)"}, "url"),
        ({"kind": "reuse", "title": "地図", "reuse_kind": "app", "url": "https://[::1"}, "url"),
        ({"kind": "reuse", "title": "地図", "reuse_kind": "app", "url": "https://a:b@example.jp/"}, "url"),
    ],
)
def test_what_does_not_fit_is_named_by_its_field(
    reader: Standing, dataset: Dataset, words: dict[str, object], field: str
) -> None:
    with pytest.raises(errors.WordsInvalid) as refused:
        ask(reader, dataset, **words)
    listed = refused.value.data["errors"]
    assert isinstance(listed, list)
    assert [entry["field"] for entry in listed] == [field]
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@b", "a@example.jp\nBcc: x@example.jp", "a@example.jp,b@example.jp", "x" * 65 + "@example.jp"],
)
def test_a_visitor_gives_one_mail_address(dataset: Dataset, email: str) -> None:
    with pytest.raises(errors.WordsInvalid):
        ask(NOBODY, dataset, visitor=replace(RESIDENT, email=email))
    assert not Visitor.objects.exists()


def test_strangers_are_slowed_down_by_place_and_by_address(dataset: Dataset) -> None:
    for number in range(5):
        ask(NOBODY, dataset, visitor=replace(RESIDENT, email=f"r{number}@example.jp"))
    with pytest.raises(errors.TooMuchAtOnce):
        ask(NOBODY, dataset, visitor=replace(RESIDENT, email="r6@example.jp"))
    for number in range(5):
        ask(NOBODY, dataset, visitor=replace(RESIDENT, trace=f"other{number}"))
    with pytest.raises(errors.TooMuchAtOnce):
        ask(NOBODY, dataset, visitor=replace(RESIDENT, trace="elsewhere"))
    services.forget_unconfirmed(now=now() + timedelta(days=1, seconds=1))
    assert not Knock.objects.exists()


def test_what_nobody_confirmed_is_forgotten(dataset: Dataset, mailoutbox: list[EmailMessage]) -> None:
    ask(NOBODY, dataset, visitor=RESIDENT)
    jobs.run_pending()
    token = link_in(mailoutbox[0].body, "/confirm")
    assert services.forget_unconfirmed(now=now() + timedelta(days=4)) == 1
    assert not Feedback.objects.exists()
    assert not Visitor.objects.exists()
    for wrong in (token, token[:-1] + ("0" if token[-1] != "0" else "1"), "", "x" * 91, token.upper()):
        with pytest.raises(errors.LinkNotValid):
            services.confirm(token=wrong)


def test_who_may_write(reader: Standing, provider: Standing, dataset: Dataset, draft: Dataset) -> None:
    with pytest.raises(member_errors.SignInNeeded):
        ask(NOBODY, dataset)
    with pytest.raises(member_errors.MemberSuspended):
        ask(replace(reader, is_suspended=True), dataset)
    with pytest.raises(catalog_errors.DatasetUnknown):
        services.submit_feedback(actor=reader, dataset_uid="nothing", kind="question", text="?")
    uid = ask(reader, dataset)
    with pytest.raises(member_errors.RoleNeeded):
        services.answer_feedback(actor=reader, feedback_uid=uid, answer="answered", text="はい")
    with pytest.raises(errors.NotYours):
        services.reply_to_answer(actor=provider, feedback_uid=uid, text="はい")
    with pytest.raises(errors.FeedbackUnknown):
        services.answer_feedback(actor=provider, feedback_uid="nothing", answer="answered", text="はい")
    with pytest.raises(errors.WordsInvalid):
        services.answer_feedback(actor=provider, feedback_uid=uid, answer="open", text="はい")


def test_a_draft_hears_nothing(reader: Standing, provider: Standing, draft: Dataset) -> None:
    for actor in (reader, provider):
        with pytest.raises(catalog_errors.DatasetUnknown):
            ask(actor, draft)


def test_ratings_are_one_for_each_member_and_averaged(
    provider: Standing, reader: Standing, operator: Standing, dataset: Dataset, make_member: Callable[..., Standing]
) -> None:
    other = make_member("other")
    services.rate_dataset(actor=reader, dataset_uid=dataset.uid, points=2, word="古い")
    services.rate_dataset(actor=reader, dataset_uid=dataset.uid, points=4, word="新しくなった")
    services.rate_dataset(actor=other, dataset_uid=dataset.uid, points=5)
    voices = queries.voices_of(dataset.uid, reader)
    assert (voices.average, voices.rated, [rating.word for rating in voices.ratings]) == (4.5, 2, ["新しくなった"])
    assert voices.own_rating is not None
    assert voices.own_rating.points == 4
    with pytest.raises(errors.OwnData):
        services.rate_dataset(actor=provider, dataset_uid=dataset.uid, points=5)
    for points, word in ((6, ""), (-1, ""), (3, "長" * 201)):
        with pytest.raises(errors.WordsInvalid):
            services.rate_dataset(actor=reader, dataset_uid=dataset.uid, points=points, word=word)
    services.hide_rating(actor=operator, dataset_uid=dataset.uid, member_uid=reader.member_uid, reason="悪口")
    services.rate_dataset(actor=reader, dataset_uid=dataset.uid, points=1, word="また")
    assert queries.voices_of(dataset.uid, NOBODY).average == 5.0
    told = OutboxEvent.objects.filter(name="community.DatasetRated")
    before = told.count()
    services.rate_dataset(actor=reader, dataset_uid=dataset.uid, points=0)
    assert told.count() == before, "a hidden rating stays, and nothing is announced that did not happen"
    services.rate_dataset(actor=other, dataset_uid=dataset.uid, points=0)
    assert queries.voices_of(dataset.uid, NOBODY).average is None
