"""Makes findings of what was counted in a column, and the words that several of the judging modules share."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.personal.subjects import About
from tdpf.controlplane.preparation.engine.personal.tallies import Tally
from tdpf.controlplane.preparation.engine.personal.words import KINDS, PUBLIC, VERDICTS, Certainty
from tdpf.controlplane.preparation.engine.types import Finding

UNNAMED = re.compile(r"列\d+")


def finding(tally: Tally, kind: str, counted: str, certainty: Certainty) -> Finding:
    """Return a finding of a kind, counted as one of the tally's hits."""
    name = KINDS[kind]
    verdict = PUBLIC.get(kind) or VERDICTS[certainty]
    count = tally.hits[counted]
    return Finding(
        column=tally.name,
        kind=kind,
        certainty=certainty,
        count=count,
        share=round(tally.share(counted), 4),
        masked_sample=tally.samples.get(counted, ""),
        message_ja=verdict.ja.format(column=tally.name, kind=name.ja, count=count),
        message_en=verdict.en.format(column=tally.name, kind=name.en, count=count),
        places=tuple(tally.places.get(counted, ())),
    )


def whole(tally: Tally, kind: str) -> None:
    """Count every filled cell of a column as of a kind that its name alone tells."""
    tally.hits[kind] = tally.total


def grave(about: About) -> Certainty:
    """Return how sure a finding is that belongs to the persons of a table."""
    return "confirmed" if about.sure else "doubtful"


def goes_on(tally: Tally, before: list[Tally], *kinds: str) -> bool:
    """Say whether a column without a name belongs to the one left of it, in which something of a kind was found."""
    return bool(UNNAMED.fullmatch(tally.header.key) and before and any(before[-1].hits[kind] for kind in kinds))
