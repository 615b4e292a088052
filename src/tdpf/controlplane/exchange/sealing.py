"""The text of an agreement: what both sides agreed, once and for all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from tdpf.controlplane.exchange.terms import terms_to_dict
from tdpf.controlplane.exchange.types import PartyName, RequestView
from tdpf.controlplane.exchange.words import clauses
from tdpf.kit.hashing import canonical_json

FORMAT = 1


def seal_text(
    *,
    uid: str,
    request: RequestView,
    requested_by: str,
    accepted_by: str,
    revision: int,
    columns: Sequence[str],
    starts_on: date,
    ends_on: date | None,
    sealed_at: datetime,
) -> bytes:
    """Return the canonical JSON of an agreement; its SHA-256 is the seal.

    `requested_by` and `accepted_by` are uids of members, or "automatic". The sentences stand in it as they were shown
    on that day, so a later change of wording changes no agreement.
    """
    return canonical_json(
        {
            "kind": "tdpf-agreement",
            "format": FORMAT,
            "uid": uid,
            "request": request.uid,
            "offer": {"uid": request.offer_uid, "revision": revision},
            "provider": _party(request.provider),
            "consumer": _party(request.consumer),
            "requested_by": requested_by,
            "accepted_by": accepted_by,
            "application": request.application_uid,
            "dataset": {
                "uid": request.dataset.uid,
                "slug": request.dataset.slug,
                "title_ja": request.dataset.title_ja,
                "title_en": request.dataset.title_en,
            },
            "columns": list(columns),
            "purpose": {"code": request.purpose.value, "statement": request.purpose_statement},
            "information_management": request.information_management,
            "period": {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat() if ends_on else None},
            "terms": terms_to_dict(request.terms),
            "terms_sha256": request.terms_sha256,
            "words": [
                {
                    "heading_ja": clause.heading.ja,
                    "heading_en": clause.heading.en,
                    "ja": clause.sentence.ja,
                    "en": clause.sentence.en,
                }
                for clause in clauses(request.terms)
            ],
            "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        }
    )


def _party(party: PartyName) -> dict[str, str]:
    return {"uid": party.uid, "name_ja": party.name_ja, "name_en": party.name_en}
