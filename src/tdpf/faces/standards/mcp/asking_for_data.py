"""The one tool that writes: a request for data that do not exist, made as the member who issued the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.errors import CredentialNeeded, ScopeMissing
from tdpf.controlplane.community import services as community
from tdpf.faces.standards.mcp.callers import Visitor

SCOPE = "requests:write"


def request_data(given: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
    """Ask for data; raises CredentialNeeded, ScopeMissing, and what the community refuses."""
    if visitor.caller is None:
        raise CredentialNeeded
    if SCOPE not in visitor.caller.scopes:
        raise ScopeMissing(scope=SCOPE)
    uid = community.request_data(
        actor=access.standing_behind(visitor.caller),
        kind="missing",
        title=given["title"],
        text=given["text"],
        use=given.get("use", ""),
        holder_name=given.get("holder", ""),
    )
    return {"request": uid, "url": f"{settings.PUBLIC_URL}/data-requests/{uid}"}
