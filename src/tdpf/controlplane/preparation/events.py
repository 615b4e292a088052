"""What preparation announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tdpf.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class UploadReceived(Event):
    """A file has arrived whole."""

    name: ClassVar[str] = "preparation.UploadReceived"
    upload_uid: str
    party_id: int
    sha256: str
    size: int
    source: str


@dataclass(frozen=True, kw_only=True)
class UploadRead(Event):
    """A reading ended: `state` is read, choosing or failed; `problem` is the code of what stood in the way."""

    name: ClassVar[str] = "preparation.UploadRead"
    upload_uid: str
    party_id: int
    state: str
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class UploadDiscarded(Event):
    """An upload's bytes were erased, by hand or because nobody came back to it."""

    name: ClassVar[str] = "preparation.UploadDiscarded"
    upload_uid: str
    party_id: int


@dataclass(frozen=True, kw_only=True)
class UploadUsed(Event):
    """A version was made of an upload."""

    name: ClassVar[str] = "preparation.UploadUsed"
    upload_uid: str
    party_id: int
    distribution_uid: str
    version_uid: str
    identity: str


@dataclass(frozen=True, kw_only=True)
class PersonalDataSuspected(Event):
    """The first screen found something; doubtful findings wait for the operator, confirmed ones are refused."""

    name: ClassVar[str] = "preparation.PersonalDataSuspected"
    upload_uid: str
    party_id: int
    screening_uid: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ScreeningDecided(Event):
    """The operator decided about doubtful findings."""

    name: ClassVar[str] = "preparation.ScreeningDecided"
    upload_uid: str
    party_id: int
    screening_uid: str
    decision: str


@dataclass(frozen=True, kw_only=True)
class WorkpieceFinished(Event):
    """Files of a party were prepared as a standard table."""

    name: ClassVar[str] = "preparation.WorkpieceFinished"
    workpiece_uid: str
    party_id: int
    schema: str
    recipe_sha256: str
    rows_in: int
    rows_out: int


@dataclass(frozen=True, kw_only=True)
class WorkpieceAdopted(Event):
    """What a visitor had begun became a party's."""

    name: ClassVar[str] = "preparation.WorkpieceAdopted"
    workpiece_uid: str
    party_id: int


@dataclass(frozen=True, kw_only=True)
class WorkpieceHandedOn(Event):
    """A prepared table was handed in as an upload, to be published."""

    name: ClassVar[str] = "preparation.WorkpieceHandedOn"
    workpiece_uid: str
    party_id: int
    upload_uid: str


@dataclass(frozen=True, kw_only=True)
class ConflictAnswered(Event):
    """A person said what is right where files differ: `action` is value, keep, or open when the answer was taken back."""

    name: ClassVar[str] = "preparation.ConflictAnswered"
    workpiece_uid: str
    party_id: int
    column: str
    action: str


@dataclass(frozen=True, kw_only=True)
class RecipeStored(Event):
    """A party keeps a recipe for the next edition of its file."""

    name: ClassVar[str] = "preparation.RecipeStored"
    recipe_uid: str
    party_id: int
    schema: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class MergeKept(Event):
    """A party has a table renew itself from now on."""

    name: ClassVar[str] = "preparation.MergeKept"
    merge_uid: str
    party_id: int
    schema: str
    sources: int


@dataclass(frozen=True, kw_only=True)
class MergeRenewed(Event):
    """A table renewed itself; what came of it is an upload that waits for the provider's signature."""

    name: ClassVar[str] = "preparation.MergeRenewed"
    merge_uid: str
    party_id: int
    upload_uid: str
    added: int
    changed: int
    gone: int
    new_duplicates: int
    new_conflicts: int


@dataclass(frozen=True, kw_only=True)
class MergeHindered(Event):
    """A table could not renew itself: a source cannot be had or does not fit the recipe any more. Told once until it works again."""

    name: ClassVar[str] = "preparation.MergeHindered"
    merge_uid: str
    party_id: int
    problem: str


@dataclass(frozen=True, kw_only=True)
class MergeStopped(Event):
    """A table does not renew itself any more."""

    name: ClassVar[str] = "preparation.MergeStopped"
    merge_uid: str
    party_id: int
