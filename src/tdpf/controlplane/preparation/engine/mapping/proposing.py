"""Proposes which column is which field: names, then values (which have a veto), then one column for one field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache

from tdpf.controlplane.preparation.engine.cells import spoken_name
from tdpf.controlplane.preparation.engine.mapping.assignment import assign
from tdpf.controlplane.preparation.engine.mapping.evidence import Evidence
from tdpf.controlplane.preparation.engine.mapping.nameless import by_values, is_nameless, only_alone
from tdpf.controlplane.preparation.engine.mapping.names import EXACT, PATTERN, SURE, fold, named_score, sense
from tdpf.controlplane.preparation.engine.mapping.row_names import name_of_rows
from tdpf.controlplane.preparation.engine.mapping.samples import Sampled
from tdpf.controlplane.preparation.engine.mapping.senses import by_sense, is_sensible, sensed_of
from tdpf.controlplane.preparation.engine.mapping.types import ColumnMapping, Confirmations, Suggestion, TableMapping
from tdpf.controlplane.preparation.engine.normalising import ages
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField
from tdpf.controlplane.preparation.engine.types import ColumnFound

SENSE, SAID = 0.92, 0.95
HINT = 0.5
_SUGGESTED = 0.25
_STATED = re.compile(
    r"(?:約|最大|定員)?\d[\d,]*(?:\.\d+)?\s*(?:人|名|台|床|席)?\s*(?:程度|以上|以内)?\s*(?:[(~〜].*)?|未定|不明|検討中|調整中"
)
_SPAN = re.compile(r"\d\s*[時:：]?\s*\d{0,2}\s*分?\s*(?:[~〜～-]|から)\s*(?:午[前後]|翌)?\s*(?:\d|正午)")
_MARKS = frozenset("○◯〇●◎有")
_LOOSE = frozenset(
    ("remarks", "description", "contact.remarks", "time.remarks", "publisher.code", "location.code", "record.id")
)
# What stands before a word without making another thing of it, and what behind.
_SUBJECT = re.compile(
    r"(?:結果|施設|公園|トイレ|公衆トイレ|医療機関|病院|医院|事業所?|店舗|営業所?|開催|イベント|行事|催し|講座|工事|道路|通行|交通|規制|請求書?|公?文書|決定|処分|公開|許可|登録"
    r"|設置先?|利用|使用|対象|[市町村区](?![市町村区])|本|主な?|正式|避難所?|避難箇所|指定|緊急|aed|サービス|介護|住民|現在?|最終|掲載|情報|全|総|提供|実施|備考|実際)+"
)
_KIND = re.compile(
    r"日|年月日|時|名|番号|先|者|数|人数|区分|方法|課|内容|理由|状況|箇所|住所|機関|台|設備|種目|業種|id|コード|url|\(.*\)"
)
_PLACE = re.compile(r"位置|座標|地図|緯|経|GPS|測地|地点|ジオ|geo|map|point", re.IGNORECASE)
_OF_GRID = re.compile(r"[月火水木金土日祝](?:曜日?)?(?=\W*$)|第?\d+週?")
_LINK = re.compile(
    r"(?:公式|関連|参考|詳細|紹介|施設|団体|外部|[公学]?園|学校|掲載|情報|案内)*(?:サイト|アドレス|ページ|ホーム|HP|リンク|ウェブ|url|web|link|先|の)+",
    re.IGNORECASE,
)
_OPEN = re.compile(r"(?:[開閉終][園館所院店庁]|営業|診療|利用|使用)(?:可能)?(?:時間|時刻)")
_OF_SOME = re.compile(r"延長(?!.{0,6}含)|標準時間|短時間|預かり|一時|病児|夜間|土曜|日曜|休日|祝日|土日")
_LISTS = re.compile(r"(?:category|categories|kind|type|科目?|分類|区分|種別|種類)$", re.IGNORECASE)
_MERE_KIND = re.compile(r"名|情報|内容|\(.*\)")
_FULL, _SPARSE = 0.95, 0.67


def propose_mapping(
    columns: Sequence[ColumnFound],
    values: Sequence[Sequence[str | None]] | Sequence[Sampled],
    schema: Schema,
    *,
    confirmed: Confirmations | None = None,
    publisher: str = "",
) -> TableMapping:
    """Return a mapping of a table's columns (with their values, column by column) to a schema's fields.

    Who holds a table against several schemas gives its `sampled` columns, so that values are judged once.
    """
    targets = schema.targets
    samples = [cells if isinstance(cells, Sampled) else Sampled(cells) for cells in values]
    table: list[list[Suggestion]] = []
    fixed: dict[int, str] = {}
    for place, column in enumerate(columns):
        said = confirmed.target(schema.name, column.name, publisher) if confirmed else None
        if said is not None:
            fixed[place] = said
        table.append(
            [by_values(field, samples[place]) for field in targets]
            if is_nameless(column)
            else _scores(column, samples[place], targets)
        )
    only_alone(table, [place for place, column in enumerate(columns) if is_nameless(column)])
    _counts_beside_marks(table, samples, targets)
    _no_remark_of_a_grid(columns, table, samples, targets)
    _usual_hours_first(columns, table, samples, targets)
    scores = [[_weight(suggestion) for suggestion in row] for row in table]
    _fuller_first(scores, table, samples, targets)
    names = [field.name for field in targets]
    for place, target in fixed.items():
        for at in range(len(targets)):
            scores[place][at] = 0.0
        if target in names:
            at = names.index(target)
            for weights in scores:
                weights[at] = 0.0
            scores[place][at] = 2.0
    given = assign(scores)
    left = _by_exclusion(columns, samples, table, given, fixed, targets)
    taken = {targets[at].name for place, at in enumerate(given) if at is not None and table[place][at].score >= SURE}
    named = name_of_rows(columns, samples, table, targets, taken | set(left.values()) | set(fixed.values()))
    mapped = []
    for place, (column, row, chosen) in enumerate(zip(columns, table, given, strict=True)):
        best = sorted((entry for entry in row if entry.score >= _SUGGESTED), key=lambda entry: -entry.score)[:3]
        if place in fixed:
            mapped.append(ColumnMapping(column.name, fixed[place], "confirmed", tuple(best)))
            continue
        target = named.get(place, "")
        if not target and chosen is not None and row[chosen].score >= SURE:
            target = _whole_address(targets[chosen], samples[place], taken, targets)
        if not target and place in left:
            target = left[place]
            best = [
                next(entry for entry in row if entry.target == target),
                *(one for one in best if one.target != target),
            ][:3]
        if chosen is not None and row[chosen].score >= _SUGGESTED and row[chosen] not in best[:1]:
            best = [row[chosen], *(entry for entry in best if entry is not row[chosen])][:3]
        mapped.append(ColumnMapping(column.name, target, "automatic" if target else "", tuple(best)))
    return TableMapping(schema.name, tuple(mapped))


def _scores(column: ColumnFound, cells: Sampled, targets: Sequence[SchemaField]) -> list[Suggestion]:
    sample = cells.sample
    age = _age_of(column)
    sensed = sensed_of(column, by_sense(tuple(targets)))
    saying = set() if age else {field.name for field in targets if field.words and _says(field, column, cells)}
    row = []
    for field in targets:
        name = _age_score(age, field) if age else named_score(column.name, column.header, column.title_en, field)
        if name < SENSE and not age and is_sensible(column, field, sensed, targets):
            name = SENSE
        found = cells.against(field) if name >= 0.2 else Evidence(0, 0.0)
        if field.concept == "url" and name < SAID and _are_links(column, field, cells):
            name, found = SAID, cells.against(field)
        if field.concept == "coordinates" and name < SAID and _PLACE.search(column.name) and cells.are_pairs:
            name, found = SAID, Evidence(len(sample), 1.0, specific=True)
        if fold(column.name) in ("x", "y") and not found.specific:
            name = min(name, HINT)  # In plane systems X points north; only degrees tell which is which.
        if name < SAID and (
            field.name in saying or (field.listed and _LISTS.search(column.name) and cells.are_listed(field.listed))
        ):
            name, found = SAID, cells.against(field)
        elif (
            name < EXACT
            and field.words
            and sample
            and field.name not in saying
            and _doubtful(field, column, cells, saying)
        ):
            name = min(name, HINT)
        if name == EXACT and found.veto:
            # It says itself that it is this field: what does not fit is told cell by cell, not left out with the column.
            found = replace(found, veto=False, seen=0)
        if found.veto and name >= SURE and found.share and field.normaliser in ("integer", "number"):
            # Numbers with remarks, ranges and "undecided": one cell or another cannot be read, the column is what it says.
            stated = sum(1 for value in sample if _STATED.fullmatch(plain(value)))
            found = replace(found, veto=False, seen=0) if stated * 10 >= len(sample) * 8 else found
        row.append(Suggestion(field.name, round(_joined(name, found), 4), round(name, 4), round(found.share, 4)))
    return row


def _are_links(column: ColumnFound, field: SchemaField, cells: Sampled) -> bool:
    """Say whether nearly all values are addresses of pages and the name says so too: 公式サイトアドレス."""
    said = _LINK.fullmatch(fold(spoken_name(column.name))) and not (
        field.never and re.search(field.never, column.name, re.IGNORECASE)
    )
    return bool(said) and cells.are_links


def _says(field: SchemaField, column: ColumnFound, cells: Sampled) -> bool:
    """Say whether nearly all values are words of a field that has few, and the column's name does not deny it."""
    if field.never and re.search(field.never, unicodedata.normalize("NFKC", spoken_name(column.name)), re.IGNORECASE):
        return False
    return cells.are_words_of(field.words)


def _doubtful(field: SchemaField, column: ColumnFound, cells: Sampled, saying: Collection[str]) -> bool:
    """Say whether values are the words of another field, or a name as vague as 区分 stands over none of this field's words."""
    return bool(saying) or (len(sense(column.name)) <= 2 and not cells.holds_words_of(field.words))


def _joined(name: float, found: Evidence) -> float:
    if found.veto:
        return 0.0
    if not found.seen:
        return name
    score = name
    if found.specific and name >= 0.6:
        score = 1 - (1 - name) * 0.4
    odd = round((1 - found.share) * found.seen)
    if found.share < 0.8 and odd > 1:
        score -= (0.8 - found.share) * 0.2
    return max(0.0, score)


def _weight(suggestion: Suggestion) -> float:
    """Return what a pair is worth in the assignment: sure pairs first, so that a hopeful one never displaces them."""
    if suggestion.score < _SUGGESTED:
        return 0.0
    return suggestion.score + 1.0 if suggestion.score >= SURE else suggestion.score / 100


def _counts_beside_marks(
    table: Sequence[list[Suggestion]], samples: Sequence[Sampled], targets: Sequence[SchemaField]
) -> None:
    """Read a column of ones as a count where its name may be one and the table says yes by other signs (○, 有)."""
    flags = [at for at, field in enumerate(targets) if field.normaliser.startswith("flag_")]
    counts = [at for at, field in enumerate(targets) if field.concept == "count"]
    said = [cells.words for cells in samples]
    marks = any(words & _MARKS for words in said)
    for place, row in enumerate(table):
        if marks and said[place] == {"1"} and any(row[at].name >= SURE for at in counts):
            for at in flags:
                row[at] = replace(row[at], score=min(row[at].score, HINT))


def _no_remark_of_a_grid(
    columns: Sequence[ColumnFound],
    table: Sequence[list[Suggestion]],
    samples: Sequence[Sampled],
    targets: Sequence[SchemaField],
) -> None:
    """Take no remark from one column of a grid of signs, one for each weekday or week: 毎週休診（月） alone says nothing."""
    grids: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        grids.setdefault(_OF_GRID.sub("#", fold(column.name)), []).append(place)
    words = [at for at, field in enumerate(targets) if field.normaliser == "text"]
    for stem, places in grids.items():
        if len(places) < 4 or "#" not in stem:
            continue
        for place in places:
            if all(len(value.strip()) <= 2 for value in samples[place].values if value):
                for at in words:
                    if table[place][at].name < EXACT:
                        table[place][at] = replace(table[place][at], score=0.0)


def _usual_hours_first(
    columns: Sequence[ColumnFound],
    table: Sequence[list[Suggestion]],
    samples: Sequence[Sampled],
    targets: Sequence[SchemaField],
) -> None:
    """Let times of some only (延長保育, 保育標準時間, 土曜) stand back where other columns say when the place is open."""
    filled = [cells.filled for cells in samples]
    usual = [
        filled[place]
        for place, column in enumerate(columns)
        if _OPEN.search(fold(column.name)) and not _OF_SOME.search(column.name)
    ]
    ends = [at for at, field in enumerate(targets) if field.concept in ("time.start", "time.end", "time.range")]
    for place, column in enumerate(columns):
        if _OF_SOME.search(column.name) and any(count >= filled[place] for count in usual):
            for at in ends:
                table[place][at] = replace(table[place][at], score=min(table[place][at].score, HINT))


def _fuller_first(
    scores: Sequence[list[float]],
    table: Sequence[Sequence[Suggestion]],
    samples: Sequence[Sampled],
    targets: Sequence[SchemaField],
) -> None:
    """Let a column that is often empty stand back from a required field that another sure one fills in every row."""
    filled = [cells.filled / max(1, len(cells.values)) for cells in samples]
    for at, field in enumerate(targets):
        every = [place for place, row in enumerate(table) if row[at].score >= SURE]
        best = max((table[place][at].score for place in every if filled[place]), default=0.0)
        if best:
            for place in every:
                score = table[place][at]
                if not filled[place] and score.name < EXACT and (best > SAID or best >= score.score):
                    scores[place][at] = 0.0  # A column that is there but empty leaves its field to another.
        sure = every if field.required else []
        if any(filled[place] >= _FULL for place in sure):
            for place in sure:
                if filled[place] <= _SPARSE:
                    scores[place][at] = table[place][at].score


def _by_exclusion(
    columns: Sequence[ColumnFound],
    samples: Sequence[Sampled],
    table: Sequence[Sequence[Suggestion]],
    given: Sequence[int | None],
    fixed: Mapping[int, str],
    targets: Sequence[SchemaField],
) -> dict[int, str]:
    """Return {place: field} of columns that are left and whose name is a piece of one free field's name, or ends in it.

    受付 is a piece of 受付日, 結果通知日 ends in 通知日. The values must fit the field, no other free field's names may do as well,
    and no other column may be it.
    """
    taken = {targets[at].name for place, at in enumerate(given) if at is not None and table[place][at].score >= SURE}
    taken |= set(fixed.values())
    claims: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        at = given[place]
        cells = samples[place]
        if place in fixed or (at is not None and table[place][at].score >= SURE) or not cells.sample:
            continue
        if any(entry.score >= SURE for entry in table[place]):
            continue  # It is a field that another column is too.
        name = sense(column.name)
        reach = {
            field: _reach(name, field)
            for field in targets
            if field.name not in taken and not field.ages and field.concept not in _LOOSE
        }
        most = max(reach.values(), default=0)
        best = [field for field, length in reach.items() if length == most]
        if most < 2 or len(best) > 1:
            best = [field for field in best if _fits_well(field, cells)] if most >= 2 else []
            best = [field for field in best if cells.against(field, repeating=False).specific] or best
            own = [field for field in best if sense(field.name).startswith(name) or sense(field.name).endswith(name)]
            best = own or best
        if len(best) == 1 and _fits_well(best[0], cells):
            claims.setdefault(best[0].name, []).append(place)
    return {places[0]: name for name, places in claims.items() if len(places) == 1}


def _whole_address(field: SchemaField, cells: Sampled, taken: set[str], targets: Sequence[SchemaField]) -> str:
    """Return the field a column is for: the address itself where its parts' column holds whole ones and none other does."""
    address = next((entry for entry in targets if entry.concept == "address"), None)
    if field.concept not in ("location.block", "location.town") or address is None or address.name in taken:
        return field.name
    found = cells.against(address, repeating=False)
    present = [value for value in cells.values if value]
    numbered = sum(1 for value in present if re.search(r"\d", plain(value)))
    return address.name if found.specific and numbered * 2 > len(present) else field.name


def _reach(name: str, field: SchemaField) -> int:
    """Return how many letters a name shares with a field's names that differ from it by a word of the subject before it or of the kind behind it.

    結果通知日 and 通知日 are one thing, 延長通知日 is another; 受付 is 受付日, 階数 is not 建物名・階数.
    """
    if field.never and re.search(field.never, name, re.IGNORECASE):
        return 0
    return max((len(min(name, word, key=len)) for word in _senses(field) if _of_one(name, word)), default=0)


def _of_one(name: str, word: str) -> bool:
    """Say whether the longer of two names is the shorter one with a word of the subject before it or of the kind behind it."""
    short, long = sorted((name, word), key=len)
    if len(short) < 2 or short in ("コード", "番号", "id"):
        return False
    kind = _KIND if short == name else _MERE_KIND
    return (long.endswith(short) and bool(_SUBJECT.fullmatch(long.removesuffix(short)))) or (
        long.startswith(short) and bool(kind.fullmatch(long.removeprefix(short)))
    )


@cache
def _senses(field: SchemaField) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sense(word) for word in (field.name, *field.synonyms)))


def _fits_well(field: SchemaField, cells: Sampled) -> bool:
    spans = sum(1 for value in cells.sample if _SPAN.search(plain(value))) if field.normaliser == "time" else 0
    if spans * 2 > len(cells.sample):
        return False
    found = cells.against(field, repeating=False)
    return not found.veto and found.share >= 0.8


def _age_of(column: ColumnFound) -> tuple[ages.Band, str] | None:
    found = ages.band(column.name)
    sex = ages.sex(column.name)
    return (found, sex) if found is not None and ("歳" in column.name or "才" in column.name or sex) else None


def _age_score(age: tuple[ages.Band, str], field: SchemaField) -> float:
    band, sex = age
    return PATTERN + 0.07 if field.ages == band and field.sex == sex and sex else 0.0
