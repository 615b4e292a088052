"""A standard table as the engine uses it: fields in order, what they are called elsewhere, how their values are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["official", "observed", "own"]
Level = Literal["", "facility", "area", "booth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a definition is taken from. `observed` means: from published headers, the official sheet was not at hand."""

    title: str
    version: str
    publisher: str
    status: Status
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SchemaField:
    """One column of a standard table; each is there once, so two are the same only when they are one.

    `description` and `description_en` say in a few words what stands in it. `concept` is what it means wherever it appears;
    `synonyms` and `english` are other names; `pattern` and `never` are regular expressions on a column's name. `ages` is (first, last) in years, last None when open. `rest_to` names the column that
    takes what a value says beyond its type. A virtual field is not written out: others are filled from it.
    `listed` is a regular expression on columns that each stand for one word of this list.
    `told` is a regular expression of the words that a title or a sheet's name may say for all rows.
    `words` is a regular expression of the few words that its values are made of, by which a column is known whatever its name says.
    `required_with` is a concept: where the field of that concept has a value, this one must have one too.
    """

    name: str
    type: str
    concept: str
    normaliser: str
    description: str = ""
    description_en: str = ""
    required: bool = False
    synonyms: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    pattern: str = ""
    never: str = ""
    rest_to: str = ""
    derive_from: str = ""
    level: Level = ""
    ages: tuple[int, int | None] | None = None
    sex: str = ""
    virtual: bool = False
    listed: str = ""
    required_with: str = ""
    told: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A standard table: `fields` are written out in order, `inputs` are columns towns have that fields are filled from.

    `apart` names the fields that make two things of rows alike otherwise: two permits of one shop, two dates of one event.
    `called` is a regular expression for what its rows are called: 中央公園トイレ.
    """

    name: str
    title: str
    title_en: str
    version: str
    source: Source
    fields: tuple[SchemaField, ...]
    inputs: tuple[SchemaField, ...] = ()
    table: str = ""
    joins: tuple[tuple[str, tuple[str, ...]], ...] = ()
    apart: tuple[str, ...] = ()
    called: str = ""
    sha256: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in the order they are written."""
        return tuple(field.name for field in self.fields)

    @property
    def targets(self) -> tuple[SchemaField, ...]:
        """Every field a town's column may be mapped to, virtual ones last."""
        return (*self.fields, *self.inputs)

    def field(self, name: str) -> SchemaField | None:
        """Return the field or virtual field of that name."""
        return next((field for field in self.targets if field.name == name), None)

    def of(self, concept: str) -> SchemaField | None:
        """Return the first field with a concept, virtual ones last."""
        return next((field for field in self.targets if field.concept == concept), None)
