"""What people hand in on the pages of ととのえる: files, choices of tables and columns, answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.preparation.types import ColumnAsked, ConflictShown, FileLooked, WaitingShown

_ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods,.json,.geojson,.xml,.pdf,.png,.jpg,.jpeg,.tif,.tiff"


class _SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One or more files."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_SeveralFilesInput(attrs={"accept": _ACCEPTED}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return a list of the files, each checked."""
        given = data if isinstance(data, list | tuple) else [data]
        found = [super(SeveralFilesField, self).clean(entry, initial) for entry in given]
        return [entry for entry in found if entry]


class FilesForm(forms.Form):
    """The files to prepare together, and in whose name."""

    party = forms.TypedChoiceField(label=_("だれの仕事として整えますか"), coerce=int)
    file = SeveralFilesField(
        label=_("ファイル"),
        help_text=_("Excel、CSV、PDFなど。同じ種類の表なら、いくつでも一緒に選べます（一つの表に合わせます）。"),
    )
    sources = forms.CharField(
        label=_("URLやデータセットから"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "ファイルの代わりに、またはファイルと一緒に。1行に一つ、ファイルのURLか、このサイトのデータセットのページのURLを入れます。"
            "すべてをここで指定すると、材料が新しくなったときに自動で作り直せます。"
        ),
    )

    def __init__(
        self, *args: object, parties: Sequence[tuple[int, str]], recipe: object | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        if not parties:
            del self.fields["sources"]
        else:
            self.fields["file"].required = False
        if not parties or recipe is not None:
            del self.fields["party"]
        else:
            self.fields["party"].choices = list(parties)  # type: ignore[attr-defined]  # a choice field
            if len(parties) == 1:
                self.fields["party"].initial = parties[0][0]
                self.fields["party"].widget = forms.HiddenInput()

    def clean_sources(self) -> list[str]:
        """Return the lines with something in them."""
        return [line.strip() for line in self.cleaned_data["sources"].splitlines() if line.strip()]


def choices_from(posted: Mapping[str, Any], files: Sequence[FileLooked]) -> dict[int, str]:
    """Return the table chosen of each file that has several; nothing chosen leaves it to the program."""
    found = {entry.place: str(posted.get(f"table-{entry.place}", "")) for entry in files if entry.choices}
    return {place: choice for place, choice in found.items() if choice}


def decisions_from(posted: Mapping[str, Any], asked: Sequence[ColumnAsked]) -> dict[str, dict[str, str]]:
    """Return the field chosen for every column, by the column's place on the page."""
    found: dict[str, dict[str, str]] = {}
    for place, column in enumerate(asked):
        found.setdefault(column.input, {})[column.name] = str(posted.get(f"column-{place}", column.target))
    return found


def answers_from(posted: Mapping[str, Any], entries: Sequence[WaitingShown]) -> Iterator[tuple[str, str, str]]:
    """Yield (key, action, value) of the entries that were answered on this page."""
    for entry in entries:
        value = str(posted.get(f"value-{entry.key}", "")).strip()
        if value:
            yield entry.key, "value", value
        elif posted.get(f"leave-{entry.key}"):
            yield entry.key, "keep" if entry.proposed else "empty", ""


def conflict_answers_from(
    posted: Mapping[str, Any], entries: Sequence[ConflictShown]
) -> Iterator[tuple[str, str, str]]:
    """Yield (key, action, value) of the conflicts that were answered: a file's value by its place, a value of one's own, or keep."""
    for entry in entries:
        choice = str(posted.get(f"choice-{entry.key}", ""))
        own = str(posted.get(f"value-{entry.key}", "")).strip()
        if choice == "keep":
            yield entry.key, "keep", ""
        elif choice.isdecimal() and int(choice) < len(entry.values):
            yield entry.key, "value", entry.values[int(choice)][1]
        elif own:
            yield entry.key, "value", own
