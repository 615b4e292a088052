"""Letters as words, lines and the text of a cell: spaced, wrapped, stacked and turned writing read as a person reads it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.pages.types import Box, Letter, enclosing

_CJK = re.compile(r"[\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff]")
_WORD_GAP = 0.9
_LATIN_GAP = 0.22
# These begin no line: what they follow moves on with them.
_FOLLOWING = re.compile(r"[、。，．,.）」』】］〕・ー]*")
_SPACED = re.compile(r"\S(?:[ \u3000]+\S)+")


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters without a wide gap; `before` is the space that was written in front of it."""

    text: str
    box: Box
    size: float
    before: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one line, from left to right."""

    words: tuple[Word, ...]
    box: Box
    size: float


def lines_of(letters: Sequence[Letter], cuts: Sequence[float] = ()) -> list[Line]:
    """Return the lines that letters form, from top to bottom; spaces alone form none. No word crosses one of the `cuts`."""
    inked = [letter for letter in letters if not letter.text.isspace()]
    groups: list[list[Letter]] = []
    middle = 0.0
    for letter in sorted(inked, key=lambda letter: letter.box.middle):
        if groups and letter.box.middle - middle <= 0.45 * min(letter.size, groups[-1][-1].size):
            groups[-1].append(letter)
            middle += (letter.box.middle - middle) / len(groups[-1])
        else:
            groups.append([letter])
            middle = letter.box.middle
    spaces = [letter for letter in letters if letter.text.isspace()]
    return [_line(group, spaces, cuts) for group in groups]


def _line(group: list[Letter], spaces: Sequence[Letter], cuts: Sequence[float]) -> Line:
    group.sort(key=lambda letter: letter.box.left)
    box = enclosing([letter.box for letter in group])
    between = sorted(
        (space for space in spaces if box.top <= space.box.middle <= box.bottom), key=lambda space: space.box.left
    )
    words: list[Word] = []
    current: list[Letter] = []
    before = ""
    for letter in group:
        if current:
            gap = letter.box.left - current[-1].box.right
            step = letter.box.left - current[-1].box.left
            written = (
                "".join(
                    space.text
                    for space in between
                    if current[-1].box.centre < space.box.centre < letter.box.centre and space.box.width > 0
                )
                if between and gap > 0.05 * letter.size
                else ""
            )
            size = max(letter.size, current[-1].size)
            parted = any(current[-1].box.centre < cut < letter.box.centre for cut in cuts)
            if parted or gap > _WORD_GAP * size or (written and step > _WORD_GAP * size):
                words.append(_word(current, before))
                current, before = [], written
            elif written or (gap > _LATIN_GAP * size and _is_latin(letter) and _is_latin(current[-1])):
                current.append(Letter(" ", letter.box, letter.size))
        current.append(letter)
    words.append(_word(current, before))
    return Line(tuple(words), box, max(word.size for word in words))


def _is_latin(letter: Letter) -> bool:
    return letter.text[-1:].isascii() and letter.text[:1].isalnum()


def _word(letters: Sequence[Letter], before: str) -> Word:
    box = enclosing([letter.box for letter in letters])
    sure = [letter.confidence for letter in letters if letter.confidence is not None]
    return Word(
        "".join(letter.text for letter in letters),
        box,
        max(letter.size for letter in letters),
        before,
        min(sure) if sure else None,
    )


def line_text(line: Line) -> str:
    """Return the text of a line: letters set apart to fill a cell belong together, other gaps are one space."""
    if is_spread(line):
        return "".join(word.text for word in line.words)
    text = line.words[0].text + "".join((word.before or " ") + word.text for word in line.words[1:])
    if (
        _SPACED.fullmatch(text)
        and len(text.split()) > 1
        and all(_CJK.match(part) and len(part) == 1 for part in text.split())
    ):
        return re.sub(r"[ \u3000]+", "", text)
    return text


def is_spread(line: Line) -> bool:
    """Say whether single characters stand apart evenly, as titles and short names are set to fill a cell."""
    words = line.words
    if len(words) < 2 or not all(len(word.text) == 1 and _CJK.match(word.text) for word in words):
        return False
    gaps = [after.box.left - before.box.right for before, after in itertools.pairwise(words)]
    return len(gaps) == 1 or max(gaps) <= 1.6 * min(gaps) + line.size * 0.5


def cell_text(letters: Sequence[Letter], box: Box, lines: Sequence[Line] | None = None) -> str:
    """Return the text of a cell. A line that fills the cell's width goes on in the next; other breaks are kept."""
    inked = [letter for letter in letters if not letter.text.isspace()]
    if not inked:
        return ""
    if sum(letter.turned for letter in inked) * 2 > len(inked):
        return "".join(letter.text for letter in letters).strip()
    if _is_upright_column(inked, box):
        return _down_text(inked)
    return joined_text(lines_of(letters) if lines is None else lines, box)


def joined_text(lines: Sequence[Line], box: Box) -> str:
    """Return lines as one text."""
    if not lines:
        return ""
    if len(lines) > 1 and all(len(line.words) == 1 and len(line.words[0].text) == 1 for line in lines):
        stacked = "".join(line.words[0].text for line in lines)
        if all(_CJK.match(letter) for letter in stacked):
            return stacked
    text = line_text(lines[0])
    if len(lines) > 1 and all(line_text(line) == text for line in lines):
        return text
    for before, line in itertools.pairwise(lines):
        following = line_text(line)
        first = line.words[0]
        wide = first.box.width / max(1, len(first.text)) * (_first_run(first.text) if first.text[:1].isascii() else 1)
        wide += len(_FOLLOWING.match(first.text[1:]).group()) * first.size  # type: ignore[union-attr]  # it matches nothing at least
        is_full = box.right - before.box.right < wide + before.size * 0.6
        spread = is_spread(before), is_spread(line)
        if all(spread) or text.endswith(("、", "，", "､")):
            text += following
        elif any(spread) or not is_full or before.box.width < box.width * 0.6:
            text += "\n" + following
        elif text[-1:].isascii() and following[:1].isascii() and text[-1:].isalpha() and following[:1].isalpha():
            text += ("" if re.search(r"https?:|www\.|@", text) else " ") + following
        else:
            text += following
    return text.strip()


def _first_run(text: str) -> int:
    found = re.match(r"[!-~]+", text)
    return len(found.group()) if found else 1


def _is_upright_column(letters: Sequence[Letter], box: Box) -> bool:
    """Say whether letters run from top to bottom: in the order of writing most steps go down."""
    if len(letters) < 2 or box.height < box.width:
        return False
    down = along = 0
    for before, after in itertools.pairwise(letters):
        aside, below = after.box.centre - before.box.centre, after.box.middle - before.box.middle
        size = max(before.size, after.size)
        down += abs(aside) < 0.3 * size and 0.5 * size < below < 2 * size
        along += aside > 0.3 * size and abs(below) < 0.3 * size
    return down >= 2 and down > 1.5 * along and bool(_CJK.search("".join(letter.text for letter in letters)))


def _down_text(letters: Sequence[Letter]) -> str:
    columns: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda letter: -letter.box.centre):
        if columns and columns[-1][0].box.centre - letter.box.centre < 0.6 * letter.size:
            columns[-1].append(letter)
        else:
            columns.append([letter])
    return "".join(letter.text for column in columns for letter in sorted(column, key=lambda letter: letter.box.middle))


def confidence_of(letters: Sequence[Letter]) -> float | None:
    """Return how sure the least sure letter is; None where letters were not recognised from a picture."""
    sure = [letter.confidence for letter in letters if letter.confidence is not None]
    return min(sure) if sure else None
