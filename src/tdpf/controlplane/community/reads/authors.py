"""Who wrote, asked or voted: a member by name, or a visitor by the name they gave."""

from __future__ import annotations

from tdpf.controlplane.community.models import DataRequest, Feedback, Vote


def name_of(row: Feedback | DataRequest) -> str:
    """Return the name that is shown, "" for a visitor who gave none."""
    if row.member is not None:
        return row.member.display_name
    return row.visitor_name


def mail_of(row: Feedback | DataRequest | Vote) -> dict[str, str]:
    """Return the mail address of whoever wrote, with the language to write in."""
    if row.member is not None:
        return {row.member.email: row.member.language} if row.member.is_active else {}
    return {row.visitor.email: row.visitor.language} if row.visitor is not None else {}
