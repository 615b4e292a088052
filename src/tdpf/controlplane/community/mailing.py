"""Handing letters to the mail server, in each reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.core.mail import send_mail

from tdpf.controlplane.community.news import Letter


def send(letter: Letter, readers: Mapping[str, str]) -> None:
    """Send a letter to each address in its language; a subject is one line whatever was typed."""
    for address, language in readers.items():
        subject = " ".join(letter.subject.in_(language).split())[:200]
        send_mail(f"[TDPF] {subject}", letter.body.in_(language), settings.DEFAULT_FROM_EMAIL, [address])
