"""Readability ratings (データレート): of uploads, of any file, and what the catalogue knows for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.preparation.engine.rating.ruleset import BY_ID, SOURCE
from tdpf.controlplane.preparation.engine.rating.sandbox import RatingOrder, rate_in_sandbox
from tdpf.controlplane.preparation.engine.rating.types import CatalogueFacts, EarlierVersion, Rating
from tdpf.controlplane.preparation.engine.sandbox import load_rating
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.models import Upload
from tdpf.controlplane.preparation.reads.folders import upload_folder
from tdpf.controlplane.preparation.types import RatingShown, RuleShown
from tdpf.kit.text import Text


def rate_file(path: Path, name: str, *, facts: CatalogueFacts | None = None, limits: Limits | None = None) -> Rating:
    """Rate a file in the sandbox; always a rating, with `error` where the file cannot be read."""
    order = RatingOrder(path=path, shown=name, name=name, facts=facts)
    return next(iter(rate_in_sandbox([order], limits=limits)))


def facts_about(version_uid: str) -> CatalogueFacts:
    """Return what the catalogue knows about a version: its dictionary and code lists, when versions came, the version before.

    Raises VersionUnknown.
    """
    version = catalog.get_version(version_uid)
    entries = [dict(entry) for entry in version.dictionary]
    dataset = version.distribution.dataset
    until = [page for page in catalog.versions_of(version.distribution.uid) if page.number <= version.number]
    return CatalogueFacts(
        dictionary={
            str(entry["name"]): {
                "description": str(entry.get("description") or ""),
                "unit": str(entry.get("unit") or ""),
            }
            for entry in entries
        },
        code_tables=frozenset(str(entry["name"]) for entry in entries if entry.get("codes")),
        symbols=_symbols(entries),
        history=tuple(f"{page.published_at:%Y-%m-%d} v{page.number}" for page in until),
        described=bool(dataset.description_ja),
        earlier=tuple(
            EarlierVersion(label=f"v{page.number}", columns=page.columns)
            for page in until
            if page.number < version.number and page.dictionary
        )[:1],
    )


def _symbols(entries: list[dict[str, Any]]) -> frozenset[str]:
    """Return the marks that some list of codes explains."""
    found: set[str] = set()
    for entry in entries:
        codes = entry.get("codes") or {}
        found.update(str(code) for code in codes)
    return frozenset(found)


def upload_rating(upload: Upload) -> Rating | None:
    """Return the rating kept with an upload's last reading, or None when it was not read yet."""
    return load_rating(upload_folder(upload.uid))


def rating_summary(rating: Rating | None) -> dict[str, Any] | None:
    """Return what is kept with a version: the rule set, the scores and the broken rules, no findings."""
    if rating is None:
        return None
    return {
        "ruleset": rating.ruleset,
        "score": rating.score,
        "levels": dict(rating.levels),
        "broken": [found.id for found in rating.rules if found.verdict == "fail"],
    }


def shown(rating: Rating) -> RatingShown:
    """Return a rating with the words of its rules, the gravest first."""
    broken = [found for found in rating.rules if found.verdict == "fail"]
    broken.sort(key=lambda found: (-BY_ID[found.id].deduction, found.id))
    return RatingShown(
        score=rating.score,
        levels=tuple(rating.levels.items()),
        broken=tuple(
            RuleShown(
                id=found.id,
                title=BY_ID[found.id].title,
                why=BY_ID[found.id].why,
                cure=BY_ID[found.id].cure,
                percent=round(100 * found.share, 1),
                findings=found.findings,
                mended=any(entry.fix for entry in found.findings),
            )
            for found in broken
        ),
        kept=sum(1 for found in rating.rules if found.verdict == "pass"),
        unjudged=sum(1 for found in rating.rules if found.verdict == "not_applicable"),
        ruleset=rating.ruleset,
        source=SOURCE,
        why_unread=Text(
            f"{rating.error.message_ja} 直し方: {rating.error.cure_ja}",
            f"{rating.error.message_en} What to do: {rating.error.cure_en}",
        )
        if rating.error
        else None,
    )
