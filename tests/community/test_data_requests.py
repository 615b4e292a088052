"""Data requests: asking, what is alike, votes, merging, carrying to a holder who has no account, the answer page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from community_cast import link_in
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.community import errors, queries, services
from tdpf.controlplane.community.models import DataRequest, Errand, Follow, Vote
from tdpf.controlplane.community.types import DataRequestState, ErrandState, FeedbackState, RequestFilters, VisitorWords
from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import jobs
from tdpf.kit.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("listening")]
NOBODY = members.anonymous_standing()
RESIDENT = VisitorWords(email="resident@example.jp", trace="t1")


def wish(actor: Standing, title: str = "公園の遊具の一覧", **more: object) -> str:
    words: dict[str, object] = {"kind": "missing", "text": "こどもと行く公園を選びたい。", **more}
    return services.request_data(actor=actor, title=title, **words)  # type: ignore[arg-type]  # a bag of words


def carry(operator: Standing, **of: str) -> str:
    return services.send_errand(
        actor=operator, recipient_name="公園課", email="parks@city.example.jp", message="よろしくお願いします。", **of
    )


def test_a_request_is_carried_answered_without_an_account_and_told_to_all(
    reader: Standing, operator: Standing, make_member: Callable[..., Standing], mailoutbox: list[EmailMessage]
) -> None:
    uid = wish(reader)
    voter = make_member("voter", language="en")
    services.vote(actor=voter, request_uid=uid)
    services.vote(actor=voter, request_uid=uid)
    assert queries.get_data_request(uid, NOBODY).votes == 2
    services.move_request(actor=operator, request_uid=uid, step="review")
    errand = carry(operator, request_uid=uid)
    jobs.run_pending()
    letter = next(mail for mail in mailoutbox if mail.to == ["parks@city.example.jp"])
    assert "こどもと行く公園を選びたい。" in letter.body
    token = link_in(letter.body, "/answers")
    assert token not in str(Errand.objects.values().get()), "only the hash of the link is kept"
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = queries.answer_page(token)
    assert not any(query["sql"].startswith(("UPDATE", "INSERT", "DELETE")) for query in asked)
    assert page.request is not None
    assert (page.request.title, page.errand.state) == ("公園の遊具の一覧", ErrandState.SENT)
    mailoutbox.clear()
    services.answer_errand(
        token=token,
        answer="published",
        text="公開しました。",
        url="https://city.example.jp/parks.csv",
        name="公園課 係長",
    )
    jobs.run_pending()
    assert {mail.to[0] for mail in mailoutbox} == {"reader@example.jp", "voter@example.jp"}
    assert all("https://city.example.jp/parks.csv" in mail.body for mail in mailoutbox)
    view = queries.get_data_request(uid, NOBODY)
    assert (view.state, view.published_url) == (DataRequestState.PUBLISHED, "https://city.example.jp/parks.csv")
    assert [step.state.value for step in view.steps] == ["new", "review", "sent", "published"]
    assert view.steps[-1].name == "公園課 係長"
    with pytest.raises(errors.AlreadyAnswered):
        services.answer_errand(token=token, answer="promised")
    assert queries.answer_page(token).errand.state == ErrandState.ANSWERED
    assert [entry.uid for entry in queries.listening_desk(operator).answers] == [errand]
    services.see_answer(actor=operator, errand_uid=errand)
    assert queries.listening_desk(operator).answers == ()


@pytest.mark.parametrize(
    ("answer", "state"),
    [("promised", "promised"), ("not_possible", "not_possible"), ("not_holder", "review")],
)
def test_each_answer_leads_somewhere(
    reader: Standing, operator: Standing, mailoutbox: list[EmailMessage], answer: str, state: str
) -> None:
    uid = wish(reader)
    carry(operator, request_uid=uid)
    jobs.run_pending()
    token = link_in(next(mail.body for mail in mailoutbox if "parks@" in mail.to[0]), "/answers")
    services.answer_errand(token=token, answer=answer, text="理由です。")
    view = queries.get_data_request(uid, NOBODY)
    assert view.state == state
    assert view.steps[-1].text == "理由です。"


@pytest.mark.parametrize(
    ("answer", "text", "url", "field"),
    [
        ("maybe", "", "", "answer"), ("", "", "", "answer"), ("not_possible", " ", "", "text"),
        ("published", "", "", "url"), ("published", "", "ftp://x.example.jp/", "url"), ("promised", "あ" * 4001, "", "text"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_refused_and_the_link_stays_good(
    reader: Standing, operator: Standing, mailoutbox: list[EmailMessage], answer: str, text: str, url: str, field: str
) -> None:
    carry(operator, request_uid=wish(reader))
    jobs.run_pending()
    token = link_in(next(mail.body for mail in mailoutbox if "parks@" in mail.to[0]), "/answers")
    with pytest.raises(errors.WordsInvalid) as refused:
        services.answer_errand(token=token, answer=answer, text=text, url=url)
    listed = refused.value.data["errors"]
    assert isinstance(listed, list)
    assert listed[0]["field"] == field
    services.answer_errand(token=token, answer="promised")


def test_a_link_can_be_revoked_replaced_and_ends(
    reader: Standing, operator: Standing, mailoutbox: list[EmailMessage]
) -> None:
    errand = carry(operator, request_uid=wish(reader))
    jobs.run_pending()
    first = link_in(next(mail.body for mail in mailoutbox if "parks@" in mail.to[0]), "/answers")
    mailoutbox.clear()
    services.resend_errand(actor=operator, errand_uid=errand)
    jobs.run_pending()
    second = link_in(mailoutbox[0].body, "/answers")
    assert first != second
    for wrong in (first, second[:-1], "", "a" * 91, f"{second}0", second.replace(second[:26], "0" * 26)):
        with pytest.raises(errors.LinkNotValid):
            queries.answer_page(wrong)
        with pytest.raises(errors.LinkNotValid):
            services.answer_errand(token=wrong, answer="promised")
    services.revoke_errand(actor=operator, errand_uid=errand, reason="宛先の誤り")
    with pytest.raises(errors.LinkNotValid):
        services.answer_errand(token=second, answer="promised")
    other = carry(operator, request_uid=wish(reader, "別のもの"))
    Errand.objects.filter(uid=other).update(expires_at=now() - timedelta(seconds=1))
    mailoutbox.clear()
    jobs.run_pending()
    with pytest.raises(errors.LinkNotValid):
        queries.answer_page(link_in(next(mail.body for mail in mailoutbox if "parks@" in mail.to[0]), "/answers"))


def test_holders_are_reminded_twice_with_the_same_link(
    reader: Standing, operator: Standing, mailoutbox: list[EmailMessage]
) -> None:
    carry(operator, request_uid=wish(reader))
    begin = now()
    assert services.remind_holders(now=begin + timedelta(days=13)) == 0
    assert services.remind_holders(now=begin + timedelta(days=15)) == 1
    assert services.remind_holders(now=begin + timedelta(days=16)) == 0
    assert services.remind_holders(now=begin + timedelta(days=29)) == 1
    assert services.remind_holders(now=begin + timedelta(days=50)) == 0
    jobs.run_pending()
    letters = [mail for mail in mailoutbox if mail.to == ["parks@city.example.jp"]]
    assert len({link_in(mail.body, "/answers") for mail in letters}) == 1
    assert sum("再送" in mail.subject for mail in letters) == 2


def test_feedback_travels_the_same_way(
    reader: Standing, operator: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    uid = services.submit_feedback(
        actor=NOBODY, dataset_uid=dataset.uid, kind="correction", text="8時半からでした。", visitor=RESIDENT
    )
    jobs.run_pending()
    services.confirm(token=link_in(mailoutbox[0].body, "/confirm"))
    carry(operator, feedback_uid=uid)
    jobs.run_pending()
    token = link_in(next(mail.body for mail in mailoutbox if "parks@" in mail.to[0]), "/answers")
    assert queries.listening_desk(operator).feedback == ()
    services.answer_errand(token=token, answer="mended", text="直しました。")
    view = queries.get_feedback(uid, NOBODY)
    assert (view.state, view.replies[0].side, view.replies[0].name) == (FeedbackState.MENDED, "holder", "公園課")
    jobs.run_pending()
    assert mailoutbox[-1].to == ["resident@example.jp"] or "operator@example.jp" in mailoutbox[-1].to


def test_similar_requests_come_first_and_duplicates_are_merged(
    reader: Standing, operator: Standing, make_member: Callable[..., Standing]
) -> None:
    kept, gone = wish(reader), wish(make_member("other"), "公園にある遊具の一覧表")
    wish(reader, "バス停の時刻表")
    assert [view.uid for view in queries.similar_requests("公園の遊具", NOBODY)] == [kept, gone]
    assert queries.similar_requests("", NOBODY) == []
    both = make_member("both")
    for uid in (kept, gone):
        services.vote(actor=both, request_uid=uid)
        services.follow_more(actor=both, kind="request", name=uid)
    services.follow_more(actor=make_member("third"), kind="request", name=gone)
    with pytest.raises(errors.MergeNotPossible):
        services.merge_requests(actor=operator, request_uid=kept, into_uid=kept)
    with pytest.raises(errors.DataRequestUnknown):
        services.merge_requests(actor=operator, request_uid=kept, into_uid="nothing")
    services.merge_requests(actor=operator, request_uid=gone, into_uid=kept)
    assert queries.get_data_request(kept, NOBODY).votes == 3
    assert Follow.objects.filter(request__uid=kept, key=f"request:{kept}").count() == 2
    assert queries.get_data_request(gone, NOBODY).merged_into == kept
    services.vote(actor=make_member("late"), request_uid=gone)
    assert queries.get_data_request(kept, NOBODY).votes == 4
    with pytest.raises(errors.WrongStep):
        services.merge_requests(actor=operator, request_uid=gone, into_uid=kept)
    listed = queries.list_data_requests(NOBODY, sort="votes")
    assert [view.title for view in listed.items] == ["公園の遊具の一覧", "バス停の時刻表"]


def test_a_visitors_request_and_vote_count_once_confirmed(
    reader: Standing, operator: Standing, mailoutbox: list[EmailMessage]
) -> None:
    uid = wish(NOBODY, visitor=RESIDENT)
    jobs.run_pending()
    assert queries.list_data_requests(operator).total == 0
    services.confirm(token=link_in(mailoutbox[-1].body, "/confirm"))
    with pytest.raises(errors.DataRequestUnknown):
        queries.get_data_request(uid, reader)
    services.moderate_request(actor=operator, request_uid=uid, visibility="shown")
    assert queries.get_data_request(uid, reader).votes == 1
    neighbour = replace(RESIDENT, email="neighbour@example.jp")
    services.vote(actor=NOBODY, request_uid=uid, visitor=neighbour)
    assert queries.get_data_request(uid, reader).votes == 1
    jobs.run_pending()
    token = link_in(next(mail.body for mail in mailoutbox if "neighbour@" in mail.to[0]), "/confirm")
    services.confirm(token=token)
    services.confirm(token=token)
    services.vote(actor=NOBODY, request_uid=uid, visitor=neighbour)
    assert queries.get_data_request(uid, reader).votes == 2
    assert Vote.objects.filter(confirmed=True).count() == 2


def test_a_wish_for_a_better_format_names_its_dataset(reader: Standing, dataset: Dataset) -> None:
    uid = wish(reader, kind="format", wanted_format="CSV", dataset_uid=dataset.uid)
    view = queries.get_data_request(uid, NOBODY)
    assert view.dataset is not None
    assert (view.dataset.uid, view.wanted_format) == (dataset.uid, "CSV")
    assert queries.list_data_requests(NOBODY, filters=RequestFilters(kind="format", words="遊具 公園")).total == 1
    assert queries.list_data_requests(NOBODY, filters=RequestFilters(kind="missing")).total == 0


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"title": "  "}, "title"), ({"text": ""}, "text"), ({"kind": "everything"}, "kind"), ({"use": "u" * 4001}, "use"),
        ({"kind": "format", "wanted_format": "CSV"}, "kind"), ({"holder_name": "h" * 201}, "holder_name"),
    ],
)  # fmt: skip
def test_a_request_that_does_not_fit_is_refused(reader: Standing, words: dict[str, object], field: str) -> None:
    with pytest.raises(errors.WordsInvalid) as refused:
        wish(reader, **{"title": "題", **words})  # type: ignore[arg-type]  # a bag of words
    listed = refused.value.data["errors"]
    assert isinstance(listed, list)
    assert field in [entry["field"] for entry in listed]
    assert not DataRequest.objects.exists()


def test_who_may_do_what(reader: Standing, operator: Standing, make_member: Callable[..., Standing]) -> None:
    uid, other = wish(reader), make_member("other")
    with pytest.raises(member_errors.SignInNeeded):
        wish(NOBODY)
    for act in (
        lambda: services.move_request(actor=other, request_uid=uid, step="review"),
        lambda: services.merge_requests(actor=other, request_uid=uid, into_uid=uid),
        lambda: services.moderate_request(actor=other, request_uid=uid, visibility="shown"),
        lambda: carry(other, request_uid=uid),
        lambda: queries.listening_desk(other),
        lambda: queries.errands_of(other, request_uid=uid),
    ):
        with pytest.raises(member_errors.OperatorNeeded):
            act()
    with pytest.raises(errors.NotYours):
        services.withdraw_data_request(actor=other, request_uid=uid)
    with pytest.raises(errors.WordsInvalid):
        services.move_request(actor=operator, request_uid=uid, step="merge")
    services.take_vote_back(actor=reader, request_uid=uid)
    assert queries.get_data_request(uid, NOBODY).votes == 1, "one's own request keeps one's own vote"
    services.withdraw_data_request(actor=reader, request_uid=uid, reason="見つかりました")
    with pytest.raises(errors.WrongStep):
        services.vote(actor=other, request_uid=uid)
    with pytest.raises(errors.WrongStep):
        carry(operator, request_uid=uid)
