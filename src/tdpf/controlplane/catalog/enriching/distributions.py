"""A dataset's distributions after tidying: format, media type, size, address, licence, columns."""

from __future__ import annotations

from collections.abc import Sequence

from tdpf.controlplane.catalog.enriching.dates import moment_of
from tdpf.controlplane.catalog.enriching.formats import read_format
from tdpf.controlplane.catalog.enriching.languages import language_code
from tdpf.controlplane.catalog.enriching.licences import licence_code
from tdpf.controlplane.catalog.enriching.texts import clean, plain, web_address
from tdpf.controlplane.catalog.enriching.types import EnrichedDistribution, Note
from tdpf.controlplane.catalog.stated import StatedDistribution
from tdpf.kit.text import Text

MAX_DISTRIBUTIONS, MAX_COLUMNS, MAX_SIZE = 1000, 1000, 2**62
_BAD_ADDRESS = Text(
    "http(s) のURLではないため、リンクにできません。", "It is not an http(s) address, so it cannot be a link."
)
_NOT_A_FORMAT = Text("ファイル形式として分かりません。", "We do not know this file format.")
_BAD_DATE = Text("日付として読めません。", "This is not a date we can read.")


def read_distributions(stated: Sequence[StatedDistribution], notes: list[Note]) -> tuple[EnrichedDistribution, ...]:
    """Return the distributions in their order, a thousand at most; one without any usable address is left to the notes."""
    made = [_distribution(entry, notes) for entry in stated[:MAX_DISTRIBUTIONS]]
    return tuple(entry for entry in made if entry.url or entry.access_url)


def _distribution(stated: StatedDistribution, notes: list[Note]) -> EnrichedDistribution:
    url, access_url = web_address(stated.url, 2000), web_address(stated.access_url, 2000)
    for words, address in ((stated.url, url), (stated.access_url, access_url)):
        if words.strip() and not address:
            notes.append(Note(field="distributions.url", stated=words[:2000], reason=_BAD_ADDRESS))
    found = read_format(stated.format[:300], stated.media_type[:300], url, stated.title[:300], access_url)
    if not found.is_understood:
        notes.append(Note(field="distributions.format", stated=stated.format[:300], reason=_NOT_A_FORMAT))
    moments = []
    for field, words in (("issued", stated.issued), ("modified", stated.modified)):
        moment = moment_of(words[:200]) if words.strip() else None
        if words.strip() and moment is None:
            notes.append(Note(field=f"distributions.{field}", stated=words[:2000], reason=_BAD_DATE))
        moments.append(moment)
    size = stated.size
    code = language_code(stated.language[:300]) if stated.language.strip() else ""
    return EnrichedDistribution(
        record_id=stated.record_id[:500],
        title=clean(stated.title, 300),
        description=plain(stated.description, 5000),
        url=url,
        access_url=access_url,
        format=found.code,
        stated_format=clean(stated.format, 100),
        media_type=found.media_type[:150],
        size=size if isinstance(size, int) and 0 < size <= MAX_SIZE else None,
        columns=tuple(name for column in stated.columns[:MAX_COLUMNS] if (name := clean(column, 200))),
        licence=licence_code(stated.licence[:1000])[0] if stated.licence.strip() else "",
        languages=(code,) if code else (),
        issued_at=moments[0],
        modified_at=moments[1],
        is_format_inferred=found.is_inferred,
        stated_media_type=clean(stated.media_type, 150),
    )
