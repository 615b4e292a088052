"""Demo mode only: the mails that would have been sent."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tdpf.djangokit.problems import PageNotFound
from tdpf.kit.home import home

_SHOWN = 50
_SEPARATOR = b"-" * 79


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the outbox; `parts` are its text split so that links can be followed."""

    to: str
    subject: str
    sent_at: datetime | None
    text: str


def outbox(request: HttpRequest) -> HttpResponse:
    """Show the newest mails, newest first; nothing stands here outside demo mode."""
    if not settings.DEMO:
        raise PageNotFound(path=request.path)
    wanted = request.GET.get("to", "").strip()
    mails = [mail for mail in read_mails(home().mail) if wanted in mail.to][:_SHOWN]
    return render(request, "portal/outbox.html", {"mails": mails, "wanted": wanted, "trail": [(_("送信箱"), "")]})


def read_mails(folder: Path) -> list[Mail]:
    """Return the mails that Django's file backend wrote, newest first."""
    mails: list[Mail] = []
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[: _SHOWN * 4]
    for file in files:
        chunks = [chunk.strip() for chunk in file.read_bytes().split(_SEPARATOR)]
        mails.extend(_mail(chunk) for chunk in chunks if chunk)
    undated = datetime.fromtimestamp(0, UTC)
    return sorted(mails, key=lambda mail: mail.sent_at or undated, reverse=True)


def _mail(raw: bytes) -> Mail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    sent = message["Date"]
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=_instant(str(sent)) if sent else None,
        text=body.get_content() if body is not None else "",
    )


def _instant(date: str) -> datetime:
    """Return when a mail was sent; a date in -0000 is in UTC (RFC 5322 §3.3), which the parser leaves unsaid."""
    found = parsedate_to_datetime(date)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
