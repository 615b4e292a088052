"""Turns verdicts into scores: the agency's deductions by level, and one graded score over all rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tdpf.controlplane.preparation.engine.rating.ruleset import BY_ID, WEIGHTS
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict

_FLOOR = 0.3


def level_scores(verdicts: Sequence[RuleVerdict]) -> Mapping[str, int | None]:
    """Return 0–100 per level: a failed fatal rule makes 0, others take off their deduction once; None without a verdict."""
    scores: dict[str, int | None] = {}
    for level in (1, 2, 3):
        judged = [found for found in verdicts if BY_ID[found.id].level == level and found.verdict != "not_applicable"]
        failed = [BY_ID[found.id].deduction for found in judged if found.verdict == "fail"]
        scores[f"L{level}"] = max(0, 100 - sum(failed)) if judged else None
    return scores


def graded_score(verdicts: Sequence[RuleVerdict]) -> float:
    """Return 0–100, one decimal: every judged rule weighs by severity and loses 0.3 plus 0.7 × √share when it fails.

    One bad cell in a hundred thousand so costs about a third of the rule, all cells the whole of it.
    """
    total = kept = 0.0
    for found in verdicts:
        if found.verdict == "not_applicable":
            continue
        weight = WEIGHTS[BY_ID[found.id].severity]
        total += weight
        kept += weight * (1 - loss(found))
    return round(100 * kept / total, 1) if total else 0.0


def loss(found: RuleVerdict) -> float:
    """Return how much of a rule is lost: 0 when it passes, from 0.3 to 1 by the share when it fails."""
    return _FLOOR + (1 - _FLOOR) * math.sqrt(found.share) if found.verdict == "fail" else 0.0
