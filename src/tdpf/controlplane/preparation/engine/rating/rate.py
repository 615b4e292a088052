"""Rates one file: always a rating, never an exception; what cannot be opened is a verdict too."""

from __future__ import annotations

from pathlib import Path

from tdpf.controlplane.preparation.engine.errors import (
    EmptyFile,
    FileTooLarge,
    HtmlInstead,
    NoTable,
    NotATable,
    NotReadable,
    TooManyCells,
)
from tdpf.controlplane.preparation.engine.rating.judging import judge
from tdpf.controlplane.preparation.engine.rating.opening import open_subject
from tdpf.controlplane.preparation.engine.rating.ruleset import BY_ID, RULES, RULESET
from tdpf.controlplane.preparation.engine.rating.scoring import graded_score, level_scores
from tdpf.controlplane.preparation.engine.rating.subject import Subject
from tdpf.controlplane.preparation.engine.rating.types import (
    CatalogueFacts,
    RatedTable,
    Rating,
    RatingError,
    RatingFinding,
    RuleVerdict,
)
from tdpf.controlplane.preparation.engine.rating.verdicts import not_applicable
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.text import Text

_UNREAD = ("ファイルを読めないため判定していません。", "The file could not be read, so the rule was not judged.")
_FORMS_FOR_PEOPLE = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"BM", "bmp"),
    (b"PK", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole2"),
)


def rate_path(
    path: Path, *, shown: str = "", name: str = "", limits: Limits | None = None, facts: CatalogueFacts | None = None
) -> Rating:
    """Return the rating of a file. Parsers run in this process: use `rating_sandbox` for what strangers hand in.

    `shown` is the path as it was given; `name` the file's own name where the path has another.
    """
    limits = limits or Limits()
    shown = shown or str(path)
    name = name or path.name
    try:
        if not path.is_file():
            return missing(shown, is_folder=path.is_dir(), is_special=path.exists() or path.is_symlink())
        subject = open_subject(path, name, limits)
        return rate_subject(subject, shown, facts or CatalogueFacts())
    except NotReadable as problem:
        return unreadable(shown, problem, form=_form_of(path, name))
    except OSError as fault:
        return failed(
            shown,
            "preparation/cannot-open",
            f"ファイルを開けません（{fault.strerror}）。",
            f"The file cannot be opened ({fault.strerror}).",
        )
    except MemoryError:
        return failed(
            shown, "preparation/reader-stopped", "メモリが足りず読めません。", "There was not enough memory to read it."
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # noqa: BLE001 - a parser written in Rust panics with no Exception
        return failed(
            shown,
            "preparation/damaged",
            f"ファイルの中身が壊れていて読めません（{type(fault).__name__}）。",
            f"The content is damaged and cannot be read ({type(fault).__name__}).",
            form=_form_of(path, name),
        )


_CURES = {
    "preparation/not-a-file": Text(
        "中身をファイルに保存して、そのファイルを一つずつ渡してください。",
        "Save what it holds as files, and name the files.",
    ),
    "preparation/no-such-file": Text(
        "ファイルの場所と名前を確かめてください。", "Check where the file is and what it is called."
    ),
    "preparation/reader-stopped": Text(
        "大きなファイルはいくつかに分け、要らないシートや書式を削ってから、もう一度試してください。",
        "Part a large file, take out sheets and formatting that are not needed, and try again.",
    ),
}


def rate_subject(subject: Subject, shown: str, facts: CatalogueFacts) -> Rating:
    """Return the rating of a file that is open."""
    verdicts = judge(subject, facts)
    tables = tuple(
        RatedTable(
            sheet=sheet.name if subject.kind != "delimited" else "",
            range=table.block.range,
            header_rows=tuple(row + 1 for row in table.block.header_rows),
            rows=len(table.rows),
            columns=len(table.columns),
        )
        for sheet in subject.data_sheets
        for table in sheet.tables
    )
    return _rating(shown, subject.format, subject.encoding, tables, verdicts, None)


def unreadable(shown: str, problem: NotReadable, *, form: str = "") -> Rating:
    """Return the rating of a file that a Problem kept closed: formats for people fail L1-01, the rest is an error too."""
    data = {str(key): value for key, value in problem.data.items()}
    cure = problem.cure.filled(data)
    detail = problem.detail.filled(data)
    for_people = isinstance(problem, NotATable | HtmlInstead) and form in (
        "pdf",
        "png",
        "jpeg",
        "gif",
        "tiff",
        "bmp",
        "html",
        "docx",
        "ole2",
    )
    error = None
    if not for_people:
        error = RatingError(
            code=problem.code, message_ja=detail.ja, message_en=detail.en, cure_ja=cure.ja, cure_en=cure.en
        )
    if isinstance(problem, NoTable | FileTooLarge | EmptyFile | TooManyCells):
        # Programs may read it, but where there is nothing to judge nothing earns marks.
        first = not_applicable("L1-01", detail.ja, detail.en)
    else:
        first = RuleVerdict(
            id="L1-01",
            verdict="fail",
            share=1.0,
            findings=(
                RatingFinding(
                    where="",
                    message_ja=f"{detail.ja}{cure.ja}",
                    message_en=f"{detail.en} {cure.en}",
                    fix=_convert(form),
                ),
            ),
        )
    return _rating(shown, form, "", (), _only(first), error)


def failed(shown: str, code: str, ja: str, en: str, *, form: str = "") -> Rating:
    """Return the rating of a file that could not be judged for the reason given."""
    cure = _CURES.get(code, BY_ID["L1-01"].cure)
    error = RatingError(code=code, message_ja=ja, message_en=en, cure_ja=cure.ja, cure_en=cure.en)
    return _rating(shown, form, "", (), _only(not_applicable("L1-01", ja, en)), error)


def missing(shown: str, *, is_folder: bool = False, is_special: bool = False) -> Rating:
    """Return the rating of a path where there is no file; `is_special` when there is a pipe, a device or a link to nothing."""
    if is_folder:
        return failed(
            shown,
            "preparation/not-a-file",
            "フォルダーです。ファイルを指定してください。",
            "This is a folder; name a file.",
        )
    if is_special:
        return failed(
            shown,
            "preparation/not-a-file",
            "ふつうのファイルではありません（パイプ、装置、行き先のないリンク）。",
            "This is no regular file (a pipe, a device, or a link to nothing).",
        )
    return failed(shown, "preparation/no-such-file", "ファイルがありません。", "There is no such file.")


def _only(first: RuleVerdict) -> tuple[RuleVerdict, ...]:
    return (first, *(not_applicable(rule.id, *_UNREAD) for rule in RULES[1:]))


def _rating(
    shown: str,
    form: str,
    encoding: str,
    tables: tuple[RatedTable, ...],
    verdicts: tuple[RuleVerdict, ...],
    error: RatingError | None,
) -> Rating:
    return Rating(
        path=shown,
        format=form,
        encoding=encoding,
        tables=tables,
        levels=level_scores(verdicts),
        score=graded_score(verdicts),
        rules=verdicts,
        ruleset=RULESET,
        error=error,
    )


def _form_of(path: Path, name: str) -> str:
    """Return a short word for what a closed file is: by its first bytes, else by its name's ending."""
    ending = Path(name).suffix.lower().removeprefix(".")
    try:
        with path.open("rb") as file:
            start = file.read(2048)
    except OSError:
        return ending
    found = next((form for signature, form in _FORMS_FOR_PEOPLE if start.startswith(signature)), "")
    if found == "bmp" and ending != "bmp":
        found = ""
    if found == "zip" and ending in ("docx", "pptx", "odt"):
        return "docx"
    if found in ("zip", "ole2") and ending:
        return ending if ending not in ("doc", "ppt") else "ole2"
    if not found and (b"<html" in start.lower() or b"<!doctype html" in start.lower()):
        return "html"
    return found or ending


def _convert(form: str) -> dict[str, object] | None:
    """A PDF or picture can be turned into a table by the recipe step that reads it."""
    if form == "pdf":
        return {"step": "table.detect", "params": {"totals": "apart"}}
    if form in ("png", "jpeg", "tiff", "bmp"):
        return {"step": "ocr.table", "params": {}}
    return None
