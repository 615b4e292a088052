"""What the catalog announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tdpf.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class DatasetCreated(Event):
    """A draft was begun."""

    name: ClassVar[str] = "catalog.DatasetCreated"
    dataset_uid: str
    slug: str
    provider_party_id: int


@dataclass(frozen=True, kw_only=True)
class MetadataEdited(Event):
    """The description of a dataset changed; `fields` names what."""

    name: ClassVar[str] = "catalog.MetadataEdited"
    dataset_uid: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SlugChanged(Event):
    """A dataset has a new address; the old one redirects."""

    name: ClassVar[str] = "catalog.SlugChanged"
    dataset_uid: str
    old_slug: str
    new_slug: str


@dataclass(frozen=True, kw_only=True)
class DistributionChanged(Event):
    """A distribution was added, changed or removed; `change` says which."""

    name: ClassVar[str] = "catalog.DistributionChanged"
    dataset_uid: str
    distribution_uid: str
    change: str


@dataclass(frozen=True, kw_only=True)
class VersionPublished(Event):
    """A held distribution has a new latest version."""

    name: ClassVar[str] = "catalog.VersionPublished"
    dataset_uid: str
    distribution_uid: str
    version_uid: str
    number: int
    identity: str
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class VersionPinned(Event):
    """A version is kept beyond its retention, or no longer is."""

    name: ClassVar[str] = "catalog.VersionPinned"
    dataset_uid: str
    version_uid: str
    pinned: bool


@dataclass(frozen=True, kw_only=True)
class VersionRetired(Event):
    """An older version's files were removed because its retention was over."""

    name: ClassVar[str] = "catalog.VersionRetired"
    dataset_uid: str
    version_uid: str
    number: int
    identity: str


@dataclass(frozen=True, kw_only=True)
class OriginalRemoved(Event):
    """The file as it was handed in was removed because its retention was over."""

    name: ClassVar[str] = "catalog.OriginalRemoved"
    dataset_uid: str
    version_uid: str
    original_sha256: str


@dataclass(frozen=True, kw_only=True)
class VersionPurged(Event):
    """A version was erased because it must not be there; its tombstone stays."""

    name: ClassVar[str] = "catalog.VersionPurged"
    dataset_uid: str
    version_uid: str
    number: int
    identity: str


@dataclass(frozen=True, kw_only=True)
class TableMended(Event):
    """The files of a version were damaged or gone, and were made anew; nothing of the data changed."""

    name: ClassVar[str] = "catalog.TableMended"
    dataset_uid: str
    version_uid: str
    number: int
    identity: str


@dataclass(frozen=True, kw_only=True)
class TableLost(Event):
    """The files of a version are damaged or gone, and nothing of them is left to make them from."""

    name: ClassVar[str] = "catalog.TableLost"
    dataset_uid: str
    version_uid: str
    number: int
    identity: str


@dataclass(frozen=True, kw_only=True)
class DatasetPublished(Event):
    """A dataset can be found by everyone from now on."""

    name: ClassVar[str] = "catalog.DatasetPublished"
    dataset_uid: str
    slug: str


@dataclass(frozen=True, kw_only=True)
class DatasetWithdrawn(Event):
    """A dataset is no longer offered; its page says so."""

    name: ClassVar[str] = "catalog.DatasetWithdrawn"
    dataset_uid: str
    slug: str


@dataclass(frozen=True, kw_only=True)
class TermsFacetsSet(Event):
    """How a dataset may be got changed: open, conditional or paid."""

    name: ClassVar[str] = "catalog.TermsFacetsSet"
    dataset_uid: str
    access: str


@dataclass(frozen=True, kw_only=True)
class DatasetPurged(Event):
    """Every version of a dataset was erased; its address stays and says so."""

    name: ClassVar[str] = "catalog.DatasetPurged"
    dataset_uid: str
    slug: str


@dataclass(frozen=True, kw_only=True)
class HarvestedPut(Event):
    """A batch of datasets came from other sites; `added`, `changed` and `revived` say how many, in this order of uids."""

    name: ClassVar[str] = "catalog.HarvestedPut"
    dataset_uids: tuple[str, ...]
    added: int
    changed: int
    revived: int


@dataclass(frozen=True, kw_only=True)
class HarvestedRetired(Event):
    """Datasets of other sites are not listed anywhere any more."""

    name: ClassVar[str] = "catalog.HarvestedRetired"
    dataset_uids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HarvestedMerged(Event):
    """Two entries turned out to be the same data: the addresses of `dataset_uids` lead to `into_uid` from now on."""

    name: ClassVar[str] = "catalog.HarvestedMerged"
    dataset_uids: tuple[str, ...]
    into_uid: str


@dataclass(frozen=True, kw_only=True)
class PlacesSet(Event):
    """Datasets were found at other sites, or not there any more."""

    name: ClassVar[str] = "catalog.PlacesSet"
    dataset_uids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LinksChecked(Event):
    """The addresses of datasets' files were looked at, and what they show changed."""

    name: ClassVar[str] = "catalog.LinksChecked"
    dataset_uids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DatasetCorrected(Event):
    """The owner or the operator put right what was stated or worked out about a harvested dataset."""

    name: ClassVar[str] = "catalog.DatasetCorrected"
    dataset_uid: str
    field: str


@dataclass(frozen=True, kw_only=True)
class SynonymsChanged(Event):
    """An operator changed words that searches take for each other; `change` says how."""

    name: ClassVar[str] = "catalog.SynonymsChanged"
    synonyms_uid: str
    change: str
    words: str
