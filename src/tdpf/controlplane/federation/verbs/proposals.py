"""Verbs on proposals: keep what a table of bodies and their catalogues names, each once."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from tdpf.controlplane.federation.models import Proposal
from tdpf.controlplane.federation.reading.proposing import propose_sources
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.kit.hashing import sha256_hex


def take_table(*, actor: Standing, path: Path, name: str) -> int:
    """Keep what a table that an operator hands in names; return how many catalogues were not known.

    Raises OperatorNeeded (`members.may_operate`) and the table reader's `NotReadable`.
    """
    members.may_operate(actor)
    return propose_from_table(path=path, name=name)


def propose_from_table(*, path: Path, name: str) -> int:
    """Keep the catalogues that a table names (a survey of municipalities, a list of links); return how many were not known.

    Raises the table reader's `NotReadable`.
    """
    found = {}
    for source in propose_sources(path, name):
        digest = sha256_hex(f"{source.name}\n{source.url}".encode())
        found[digest] = Proposal(
            digest=digest,
            name=source.name[:200],
            area_code=source.area_code[:12],
            url=source.url[:2000],
            licence=source.licence[:200],
            evidence_ja=source.evidence.ja[:500],
            evidence_en=source.evidence.en[:500],
        )
    with transaction.atomic():
        before = Proposal.objects.count()
        Proposal.objects.bulk_create(list(found.values()), ignore_conflicts=True, batch_size=200)
        return Proposal.objects.count() - before
