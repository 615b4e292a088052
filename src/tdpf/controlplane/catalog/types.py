"""What the catalog shows to other rooms and to the faces: frozen shapes, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from tdpf.controlplane.catalog.arrival import Arrival as Arrival
from tdpf.controlplane.catalog.conditions import EVERYTHING as EVERYTHING
from tdpf.controlplane.catalog.conditions import AllOf as AllOf
from tdpf.controlplane.catalog.conditions import AnyOf as AnyOf
from tdpf.controlplane.catalog.conditions import Condition as Condition
from tdpf.controlplane.catalog.conditions import FieldIs as FieldIs
from tdpf.controlplane.catalog.conditions import FieldWithin as FieldWithin
from tdpf.controlplane.catalog.conditions import Not as Not
from tdpf.controlplane.catalog.outcomes import PurgedVersion as PurgedVersion
from tdpf.controlplane.catalog.outcomes import PutOutcome as PutOutcome
from tdpf.controlplane.catalog.outcomes import RetentionOutcome as RetentionOutcome
from tdpf.controlplane.catalog.part_types import AddedVersion as AddedVersion
from tdpf.controlplane.catalog.part_types import GatheredFrom as GatheredFrom
from tdpf.controlplane.catalog.part_types import OriginalFile as OriginalFile
from tdpf.controlplane.catalog.search.types import FILTER_ALIASES as FILTER_ALIASES
from tdpf.controlplane.catalog.search.types import Explanation as Explanation
from tdpf.controlplane.catalog.search.types import Facet as Facet
from tdpf.controlplane.catalog.search.types import FacetValue as FacetValue
from tdpf.controlplane.catalog.search.types import SearchFilters as SearchFilters
from tdpf.controlplane.catalog.search.types import SearchHit as SearchHit
from tdpf.controlplane.catalog.search.types import SearchPage as SearchPage
from tdpf.controlplane.catalog.search.types import SortOrder as SortOrder
from tdpf.controlplane.catalog.search.types import Suggestion as Suggestion
from tdpf.controlplane.catalog.search.types import SynonymEntry as SynonymEntry
from tdpf.controlplane.catalog.search.types import SynonymsPreview as SynonymsPreview
from tdpf.controlplane.catalog.stated import Corrected as Corrected
from tdpf.controlplane.catalog.stated import HarvestedDataset as HarvestedDataset
from tdpf.controlplane.catalog.stated import Inferred as Inferred
from tdpf.controlplane.catalog.stated import LinkFact as LinkFact
from tdpf.controlplane.catalog.stated import Place as Place
from tdpf.controlplane.catalog.stated import StatedDataset as StatedDataset
from tdpf.controlplane.catalog.stated import StatedDistribution as StatedDistribution
from tdpf.controlplane.catalog.version_types import Edition as Edition
from tdpf.controlplane.catalog.version_types import MadeBy as MadeBy
from tdpf.controlplane.catalog.version_types import VersionPage as VersionPage
from tdpf.controlplane.catalog.version_types import VersionShown as VersionShown
from tdpf.controlplane.catalog.version_types import VersionState as VersionState
from tdpf.kit.text import Text
from tdpf.tables.difference_files import DifferenceWords as DifferenceWords

DatasetState = Literal["draft", "published", "withdrawn", "purged"]
Origin = Literal["registered", "harvested"]
Access = Literal["open", "conditional", "paid"]
LinkState = Literal["unknown", "ok", "moved", "suspect", "broken"]
DistributionKind = Literal["table", "file", "link", "api", "stream"]
Holding = Literal["held", "connected"]
DataClass = Literal["non_personal", "statistical", "anonymously_processed"]


@dataclass(frozen=True, kw_only=True)
class DatasetMetadata:
    """What a provider says about a dataset, in DCAT 3 terms; codes come from the catalog's vocabularies.

    `themes` are theme codes, `area_codes` six-digit local government codes, `languages` ISO 639-1 codes.
    `licence` is a licence code; "custom" needs `licence_name` and either `licence_url` or `licence_text`.
    `retention_days` is how long an older version stays after a newer one came (None: as long as the dataset is offered);
    `originals_days` the same for the files as they were handed in.
    """

    title_ja: str
    title_en: str = ""
    description_ja: str = ""
    description_en: str = ""
    themes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    licence: str = "CC-BY-4.0"
    licence_name: str = ""
    licence_url: str = ""
    licence_text: str = ""
    attribution: str = ""
    area_codes: tuple[str, ...] = ()
    period_start: date | None = None
    period_end: date | None = None
    update_frequency: str = "UNKNOWN"
    languages: tuple[str, ...] = ("ja",)
    contact_name: str = ""
    contact_email: str = ""
    contact_url: str = ""
    landing_url: str = ""
    data_class: DataClass = "non_personal"
    retention_days: int | None = 30
    originals_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class DistributionDetails:
    """One way to get a dataset's data.

    A held distribution says why the platform keeps the bytes, where, and how long (None: the dataset's retention).
    A connected one stays at `url`; why it does is its `holding_reason`. A link or an API is always connected; of a stream
    the last events are held. A connected table has a `place_mark` instead: a hash that changes with its place, and tells
    nobody where that is.
    """

    name: str = "main"
    kind: DistributionKind = "table"
    holding: Holding = "held"
    holding_reason: str = ""
    storage_place: str = ""
    retention_days: int | None = None
    title_ja: str = ""
    title_en: str = ""
    description_ja: str = ""
    url: str = ""
    media_type: str = ""
    format: str = ""
    place_mark: str = ""


@dataclass(frozen=True, kw_only=True)
class ProviderFacts:
    """The side that offers a dataset."""

    party_id: int
    uid: str
    slug: str
    name: Text
    kind: str


@dataclass(frozen=True, kw_only=True)
class PublisherCard:
    """A provider with the number of its published datasets."""

    provider: ProviderFacts
    datasets: int


@dataclass(frozen=True, kw_only=True)
class DistributionPage:
    """One distribution with its latest version, if it has one; `dictionary` and `located` are that version's, or the connected table's."""

    uid: str
    name: str
    title: Text
    description: Text
    kind: DistributionKind
    holding: Holding
    holding_reason: str
    storage_place: str
    retention_days: int | None
    url: str
    media_type: str
    format: str
    latest: VersionPage | None
    record_id: str = ""
    access_url: str = ""
    size: int | None = None
    stated_format: str = ""
    licence: str = ""
    columns: tuple[str, ...] = ()
    dictionary: tuple[Mapping[str, object], ...] = ()
    located: bool = False
    area_column: str = ""
    place_mark: str = ""
    parts: tuple[GatheredFrom, ...] = ()
    source_modified_at: datetime | None = None
    link_state: LinkState = "unknown"
    link_checked_at: datetime | None = None
    link_status: int | None = None
    link_note: Text = field(default_factory=lambda: Text("", ""))
    rating: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class QualityFact:
    """One thing known about how complete a dataset's description is, with the reason and what would mend it."""

    code: str
    met: bool
    weight: int
    title: Text
    reason: Text
    cure: Text


@dataclass(frozen=True, kw_only=True)
class QualityFacts:
    """All quality facts of a dataset; `score` is the share of weight that is met, 0–100."""

    score: int
    facts: tuple[QualityFact, ...]

    @property
    def missing(self) -> tuple[QualityFact, ...]:
        """What is not met, heaviest first."""
        return tuple(sorted((f for f in self.facts if not f.met), key=lambda f: -f.weight))


@dataclass(frozen=True, kw_only=True)
class DatasetPage:
    """All that a dataset's page shows: its metadata, its distributions, its history."""

    number: int
    uid: str
    slug: str
    aliases: tuple[str, ...]
    state: DatasetState
    access: Access
    terms_badges: tuple[str, ...]
    provider: ProviderFacts
    title: Text
    description: Text
    themes: tuple[str, ...]
    keywords: tuple[str, ...]
    licence: str
    licence_name: Text
    licence_url: str
    licence_text: str
    attribution: str
    area_codes: tuple[str, ...]
    period_start: date | None
    period_end: date | None
    update_frequency: str
    languages: tuple[str, ...]
    contact_name: str
    contact_email: str
    contact_url: str
    landing_url: str
    data_class: DataClass
    retention_days: int | None
    originals_days: int | None
    created_at: datetime
    modified_at: datetime
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    distributions: tuple[DistributionPage, ...]
    formats: tuple[str, ...]
    located: bool
    origin: Origin = "registered"
    places: tuple[Place, ...] = ()
    stated: StatedDataset | None = None
    inferred: Mapping[str, Inferred] = field(default_factory=dict)
    corrected: Mapping[str, Corrected] = field(default_factory=dict)
    publisher_area: str = ""
    not_understood: tuple[Text, ...] = ()
    source_issued_at: datetime | None = None
    recorded_at: datetime | None = None
    mqa_points: int = 0
    stars: int = 0

    @property
    def inferred_fields(self) -> tuple[str, ...]:
        """What nobody stated and nobody has put right since, by name."""
        return tuple(name for name in self.inferred if name not in self.corrected)

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that list it at present."""
        return tuple(place.site for place in self.places if place.gone_at is None)

    @property
    def main(self) -> DistributionPage | None:
        """The distribution whose name is `main`, else the first."""
        for distribution in self.distributions:
            if distribution.name == "main":
                return distribution
        return self.distributions[0] if self.distributions else None


@dataclass(frozen=True, kw_only=True)
class DatasetCard:
    """A dataset as one line of a list; without `dated`, `modified_at` is when it was collected."""

    number: int
    uid: str
    slug: str
    state: DatasetState
    access: Access
    title: Text
    description: Text
    provider: ProviderFacts
    themes: tuple[str, ...]
    licence: str
    area_codes: tuple[str, ...]
    formats: tuple[str, ...]
    located: bool
    update_frequency: str
    modified_at: datetime
    published_at: datetime | None
    dated: bool = True
    origin: Origin = "registered"
    mqa_points: int = 0
    stars: int = 0
    rate_band: str = ""
    inferred_fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PublishedTableFacts:
    """What `access` needs to put a published table into the gate snapshot.

    `dataset` is the dataset's number, `licence` the address of the licence (its name where it has no address).
    """

    dataset: int
    dataset_uid: str
    provider_party_id: int
    slug: str
    aliases: tuple[str, ...]
    table: str
    identity: str
    version: int
    columns: tuple[str, ...]
    rows: int
    located: bool
    pinned: tuple[tuple[int, str], ...]
    title: Text
    description_ja: str
    licence: str
    attribution: str
    provider_ja: str
    published_at: datetime
    access: Access


@dataclass(frozen=True, kw_only=True)
class PublishedFileFacts:
    """A held file that is handed out as it is; `path` is relative to the originals folder."""

    dataset: int
    dataset_uid: str
    slug: str
    aliases: tuple[str, ...] = ()
    name: str
    identity: str
    path: str
    media_type: str
    size: int
    sha256: str
    access: Access


@dataclass(frozen=True, kw_only=True)
class ConnectedFacts:
    """A distribution whose bytes stay with the provider, or flow through as a stream; `licence` as of published tables."""

    uid: str = ""
    dataset: int
    dataset_uid: str
    slug: str
    aliases: tuple[str, ...] = ()
    name: str
    kind: DistributionKind
    url: str
    access: Access
    place_mark: str = ""
    parts: tuple[GatheredFrom, ...] = ()
    provider_party_id: int = 0
    title: Text = field(default_factory=lambda: Text("", ""))
    description_ja: str = ""
    licence: str = ""
    attribution: str = ""
    provider_ja: str = ""
