"""Bytes on their way in: what is confirmed is on the disk, what breaks off resumes or vanishes whole."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from made_members import MakeMember
from preparation_cast import TOILETS, Send, announced
from pytest_django import Settings

from tdpf.controlplane.members.errors import MfaNeeded, RoleNeeded, SignInNeeded
from tdpf.controlplane.members.queries import anonymous_standing
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, queries, rules, services, tasks
from tdpf.controlplane.preparation.models import Upload
from tdpf.controlplane.preparation.types import UploadState
from tdpf.kit import fetching
from tdpf.kit.clock import now
from tdpf.kit.home import home

pytestmark = pytest.mark.django_db
RAW = TOILETS.encode()


def _start(actor: Standing, size: int = len(RAW), name: str = "toilets.csv") -> Upload:
    return services.start_upload(actor=actor, party_id=actor.person_party_id, file_name=name, size=size)


def test_a_file_comes_in_parts_and_is_whole(provider: Standing) -> None:
    upload = _start(provider)
    for offset in range(0, len(RAW), 40):
        upload = services.append_bytes(
            actor=provider, upload_uid=upload.uid, offset=offset, data=RAW[offset : offset + 40]
        )
        assert queries.upload_file(upload.uid).read_bytes() == RAW[: upload.offset]
    upload = services.finish_upload(
        actor=provider, upload_uid=upload.uid, sha256=hashlib.sha256(RAW).hexdigest().upper()
    )
    assert upload.state == UploadState.RECEIVED
    assert upload.sha256 == hashlib.sha256(RAW).hexdigest()
    assert [event.payload["sha256"] for event in announced("UploadReceived")] == [upload.sha256]
    again = services.finish_upload(actor=provider, upload_uid=upload.uid)
    assert again.state == UploadState.RECEIVED
    assert len(announced("UploadReceived")) == 1


def test_a_part_at_the_wrong_place_is_refused_with_the_right_place(provider: Standing) -> None:
    upload = _start(provider)
    services.append_bytes(actor=provider, upload_uid=upload.uid, offset=0, data=RAW[:100])
    for offset in (0, 50, 150):
        with pytest.raises(errors.OffsetMismatch) as refused:
            services.append_bytes(actor=provider, upload_uid=upload.uid, offset=offset, data=RAW[offset:])
        assert refused.value.data["expected"] == 100
    assert queries.get_upload(upload.uid, provider).offset == 100


def test_more_than_announced_and_less_than_whole_are_refused(provider: Standing) -> None:
    upload = _start(provider)
    with pytest.raises(errors.TooManyBytes):
        services.append_bytes(actor=provider, upload_uid=upload.uid, offset=0, data=RAW + b"x")
    services.append_bytes(actor=provider, upload_uid=upload.uid, offset=0, data=RAW[:-1])
    with pytest.raises(errors.UploadIncomplete):
        services.finish_upload(actor=provider, upload_uid=upload.uid)
    services.append_bytes(actor=provider, upload_uid=upload.uid, offset=len(RAW) - 1, data=RAW[-1:])
    with pytest.raises(errors.ChecksumMismatch):
        services.finish_upload(actor=provider, upload_uid=upload.uid, sha256="0" * 64)


def test_bytes_written_but_never_confirmed_are_written_again(provider: Standing) -> None:
    """The process was killed between the disk and the database: the place confirmed last counts."""
    upload = _start(provider)
    services.append_bytes(actor=provider, upload_uid=upload.uid, offset=0, data=RAW[:60])
    with queries.upload_file(upload.uid).open("ab") as torn:
        torn.write(b"half a part that was never confirmed")
    assert queries.get_upload(upload.uid, provider).offset == 60
    services.append_bytes(actor=provider, upload_uid=upload.uid, offset=60, data=RAW[60:])
    done = services.finish_upload(actor=provider, upload_uid=upload.uid)
    assert done.sha256 == hashlib.sha256(RAW).hexdigest()


def test_the_disk_has_the_bytes_before_they_are_confirmed(provider: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    upload = _start(provider)
    true_fsync = os.fsync

    def fsync(handle: int) -> None:
        order.append(f"disk, confirmed {Upload.objects.get(uid=upload.uid).received_bytes}")
        true_fsync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    services.append_bytes(actor=provider, upload_uid=upload.uid, offset=0, data=RAW)
    assert order == ["disk, confirmed 0"]


def test_only_providers_with_a_second_factor_hand_in(
    make_member: MakeMember, provider: Standing, stranger: Standing
) -> None:
    with pytest.raises(MfaNeeded):
        _start(make_member("without", mfa=False))
    with pytest.raises(SignInNeeded):
        _start(anonymous_standing())
    with pytest.raises(RoleNeeded):
        services.start_upload(actor=stranger, party_id=provider.person_party_id, file_name="a.csv", size=1)


def test_another_members_upload_does_not_exist(provider: Standing, stranger: Standing, operator: Standing) -> None:
    upload = _start(provider)
    for attempt in (
        lambda: queries.get_upload(upload.uid, stranger),
        lambda: services.append_bytes(actor=stranger, upload_uid=upload.uid, offset=0, data=RAW),
        lambda: services.finish_upload(actor=stranger, upload_uid=upload.uid),
        lambda: services.read_upload(actor=stranger, upload_uid=upload.uid),
        lambda: services.discard_upload(actor=stranger, upload_uid=upload.uid),
        lambda: queries.preview(upload.uid, stranger),
        lambda: queries.get_upload("../../etc/passwd", provider),
    ):
        with pytest.raises(errors.UploadUnknown):
            attempt()
    assert queries.get_upload(upload.uid, operator).uid == upload.uid
    with pytest.raises(RoleNeeded):
        services.append_bytes(actor=operator, upload_uid=upload.uid, offset=0, data=RAW)
    assert queries.uploads_for(stranger).total == 0
    assert [row.uid for row in queries.uploads_for(provider).items] == [upload.uid]


def test_too_large_and_too_many_are_refused(provider: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.UploadTooLarge):
        _start(provider, size=rules.MAX_UPLOAD_BYTES + 1)
    monkeypatch.setattr(rules, "MAX_OPEN_UPLOADS", 2)
    _start(provider)
    second = _start(provider)
    with pytest.raises(errors.TooManyUploads):
        _start(provider)
    services.discard_upload(actor=provider, upload_uid=second.uid)
    _start(provider)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\一覧.csv", "一覧.csv"),
        ("a\x00b\r\n.csv", "ab.csv"),
        ("..", "upload"),
        ("あ" * 300 + ".xlsx", "あ" * 195 + ".xlsx"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, kept: str) -> None:
    assert len(rules.tidy_file_name(given)) <= 200
    assert rules.tidy_file_name(given).startswith(kept[:100])
    assert "/" not in rules.tidy_file_name(given)


def test_discarding_erases_the_bytes(
    provider: Standing, send: Send, django_capture_on_commit_callbacks: object
) -> None:
    upload = send(TOILETS)
    folder = queries.upload_file(upload.uid).parent
    assert folder.exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a pytest-django fixture
        services.discard_upload(actor=provider, upload_uid=upload.uid)
    assert not folder.exists()
    assert len(announced("UploadDiscarded")) == 1
    with pytest.raises(errors.UploadWrongState):
        services.read_upload(actor=provider, upload_uid=upload.uid)


def test_abandoned_uploads_vanish_whole(
    provider: Standing, send: Send, django_capture_on_commit_callbacks: object
) -> None:
    half = _start(provider)
    services.append_bytes(actor=provider, upload_uid=half.uid, offset=0, data=RAW[:50])
    whole = send(TOILETS)
    stray = home().uploads / half.uid.replace(half.uid[-3:], "zzz")
    stray.mkdir()
    half_sent_form = home().uploads / "tmpabc123.upload.csv"
    half_sent_form.write_bytes(RAW[:50])
    for leftover in (stray, half_sent_form):
        os.utime(leftover, (0, 0))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert services.expire_uploads(instant=now() + timedelta(hours=47)) == 0
        assert not stray.exists()
        assert not half_sent_form.exists()
        assert services.expire_uploads(instant=now() + timedelta(days=2, minutes=1)) == 1
    assert not queries.upload_file(half.uid).exists()
    assert queries.upload_file(whole.uid).exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert services.expire_uploads(instant=now() + timedelta(days=14, minutes=1)) == 1
    assert tasks.expire_uploads() == 0


class _Town(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/data/%E3%83%88%E3%82%A4%E3%83%AC.csv":
            self.send_response(200)
            self.send_header("Content-Type", "text/csv; charset=utf-8")
            self.end_headers()
            self.wfile.write(RAW)
        else:
            self.send_response(404)
            self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def town() -> Iterator[str]:
    """A town's web server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Town)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def test_an_address_is_fetched_like_a_file(provider: Standing, town: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_FETCH = True
    url = f"{town}/data/%E3%83%88%E3%82%A4%E3%83%AC.csv"
    upload = services.upload_from_url(actor=provider, party_id=provider.person_party_id, url=url)
    assert (upload.state, upload.source, upload.url) == (UploadState.RECEIVED, "url", url)
    assert upload.sha256 == hashlib.sha256(RAW).hexdigest()
    assert upload.file_name == "トイレ.csv"
    assert services.read_upload(actor=provider, upload_uid=upload.uid).state == UploadState.READ


def test_private_addresses_and_failures_leave_nothing(provider: Standing, town: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_FETCH = False
    for url in (town, "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://[::1]/x"):
        with pytest.raises(fetching.AddressRefused):
            services.upload_from_url(actor=provider, party_id=provider.person_party_id, url=url)
    settings.ALLOW_PRIVATE_FETCH = True
    with pytest.raises(fetching.FetchFailed):
        services.upload_from_url(actor=provider, party_id=provider.person_party_id, url=f"{town}/nothing")
    assert Upload.objects.count() == 0
    assert list(Path(home().uploads).iterdir()) == []
