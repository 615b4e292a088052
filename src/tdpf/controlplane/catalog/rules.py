"""Pure decisions about descriptions, addresses and distributions: each returns what is meant, or raises why not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

from tdpf.controlplane.catalog import errors
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.catalog.vocabularies.areas import is_area_code
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.languages import LANGUAGES
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES
from tdpf.kit.ids import is_uid

Fault = tuple[str, str, str]
"""A field, what is wrong in Japanese, and in English."""

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
DISTRIBUTION_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
MAIL = re.compile(r"[^@\s]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
MAX_TITLE, MAX_DESCRIPTION, MAX_KEYWORDS, MAX_KEYWORD, MAX_AREAS = 300, 20_000, 50, 100, 2_000
MAX_RETENTION_DAYS = 36_525
DATA_CLASSES = ("non_personal", "statistical", "anonymously_processed")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_ONE_LINE = (
    "title_ja", "title_en", "licence_name", "licence_url", "attribution", "contact_name", "contact_email", "contact_url",
    "landing_url",
)  # fmt: skip
_PARAGRAPHS = ("description_ja", "description_en", "licence_text")


def tidy_metadata(metadata: DatasetMetadata) -> DatasetMetadata:
    """Return the same description in NFC, without control characters, doubled spaces, and repeated codes or keywords."""
    changes: dict[str, object] = {name: _line(getattr(metadata, name)) for name in _ONE_LINE}
    changes |= {name: _paragraphs(getattr(metadata, name)) for name in _PARAGRAPHS}
    changes |= {
        name: tuple(dict.fromkeys(word for entry in getattr(metadata, name) if (word := _line(entry))))
        for name in ("themes", "keywords", "area_codes", "languages")
    }
    return replace(metadata, **changes)  # type: ignore[arg-type]  # the names are those of the dataclass


def must_be_described(metadata: DatasetMetadata) -> DatasetMetadata:
    """Return the tidied description. Raises MetadataRefused with `errors`, one per field that is not right."""
    tidied = tidy_metadata(metadata)
    faults = metadata_faults(tidied)
    if faults:
        raise errors.MetadataRefused(count=len(faults), errors=_listed(faults))
    return tidied


def metadata_faults(metadata: DatasetMetadata) -> list[Fault]:
    """Return what is wrong with a tidied description, field by field."""
    faults = [*_text_faults(metadata), *_code_faults(metadata), *_licence_faults(metadata)]
    start, end = metadata.period_start, metadata.period_end
    if start and end and start > end:
        faults.append(
            ("period_end", "終わりの日は、始まりの日以後にしてください。", "The period must not end before it begins.")
        )
    if any(day is not None and not date(1000, 1, 1) <= day <= date(2200, 12, 31) for day in (start, end)):
        faults.append(("period_start", "期間の年を確かめてください。", "Check the year of the period."))
    for name in ("retention_days", "originals_days"):
        faults.extend(_days_faults(name, getattr(metadata, name)))
    return faults


def _text_faults(metadata: DatasetMetadata) -> Iterable[Fault]:
    if not metadata.title_ja:
        yield ("title_ja", "題名（日本語）を入力してください。", "Give the title in Japanese.")
    for name in ("title_ja", "title_en"):
        if len(getattr(metadata, name)) > MAX_TITLE:
            yield (name, f"題名は{MAX_TITLE}文字以内にしてください。", f"A title has {MAX_TITLE} characters at most.")
    for name in _PARAGRAPHS:
        if len(getattr(metadata, name)) > MAX_DESCRIPTION:
            yield (
                name,
                f"{MAX_DESCRIPTION:,}文字以内にしてください。",
                f"Keep this within {MAX_DESCRIPTION:,} characters.",
            )
    if len(metadata.keywords) > MAX_KEYWORDS:
        yield ("keywords", f"キーワードは{MAX_KEYWORDS}個までです。", f"There may be {MAX_KEYWORDS} keywords at most.")
    for word in metadata.keywords:
        if len(word) > MAX_KEYWORD:
            yield ("keywords", f"長すぎるキーワードがあります: {word[:20]}…", f"A keyword is too long: {word[:20]}…")
    for name, limit in (("contact_name", 200), ("attribution", 300), ("licence_name", 200)):
        if len(getattr(metadata, name)) > limit:
            yield (name, f"{limit}文字以内にしてください。", f"Keep this within {limit} characters.")
    if metadata.contact_email and (len(metadata.contact_email) > 254 or not MAIL.fullmatch(metadata.contact_email)):
        yield (
            "contact_email",
            "メールアドレスを name@example.jp の形で入力してください。",
            "Write the mail address like name@example.jp.",
        )
    for name in ("contact_url", "landing_url", "licence_url"):
        if (address := getattr(metadata, name)) and not is_web_address(address, 1000):
            yield (
                name,
                "http:// または https:// から始まるURLを入力してください。",
                "Give an address that begins with http:// or https://.",
            )


def _code_faults(metadata: DatasetMetadata) -> Iterable[Fault]:
    for name, known, ja, en in (
        ("themes", THEMES, "分野", "theme"),
        ("languages", LANGUAGES, "言語", "language"),
    ):
        for code in getattr(metadata, name):
            if code not in known:
                yield (name, f"{ja}の一覧にない値です: {code}", f"This is not a known {en}: {code}")
    if metadata.update_frequency not in FREQUENCIES:
        yield (
            "update_frequency",
            f"更新頻度の一覧にない値です: {metadata.update_frequency}",
            f"This is not a known update frequency: {metadata.update_frequency}",
        )
    if metadata.data_class not in DATA_CLASSES:
        yield (
            "data_class",
            f"データの区分の一覧にない値です: {metadata.data_class}",
            f"This is not a known class of data: {metadata.data_class}",
        )
    if len(metadata.area_codes) > MAX_AREAS:
        yield ("area_codes", f"地域は{MAX_AREAS}件までです。", f"There may be {MAX_AREAS} areas at most.")
    for code in metadata.area_codes:
        if not is_area_code(code):
            yield (
                "area_codes",
                f"全国地方公共団体コード（6桁）として正しくありません: {code}。桁数と検査数字を確かめてください。",
                f"This is not a six-digit local government code: {code}. Check its length and check digit.",
            )


def _licence_faults(metadata: DatasetMetadata) -> Iterable[Fault]:
    if metadata.licence not in LICENCES or not LICENCES[metadata.licence].offered:
        yield (
            "licence",
            f"ライセンスの一覧にない値です: {metadata.licence}",
            f"This is not a known licence: {metadata.licence}",
        )
    if metadata.licence != "custom":
        return
    if not metadata.licence_name:
        yield ("licence_name", "個別の利用条件の名前を入力してください。", "Give the name of the custom terms.")
    if not metadata.licence_url and not metadata.licence_text:
        yield (
            "licence_text",
            "個別の利用条件のURLか本文を入力してください。",
            "Give the address or the text of the custom terms.",
        )


_CORRECTABLE = (
    "title_ja", "title_en", "description_ja", "description_en", "themes", "keywords", "licence", "licence_name", "licence_url",
    "attribution", "area_codes", "period_start", "period_end", "update_frequency", "languages", "contact_name",
    "contact_email", "contact_url", "landing_url",
)  # fmt: skip
_LISTED = ("themes", "keywords", "area_codes", "languages")
_DAYS = ("period_start", "period_end")


def must_be_correction(field: str, value: object) -> None:
    """Check a value, as JSON, that is to stand for what was stated or worked out. Raises CorrectionRefused."""
    if field not in _CORRECTABLE:
        raise errors.CorrectionRefused(
            field=field,
            message_ja=f"訂正できる項目ではありません: {field}",
            message_en=f"This is no field to correct: {field}",
        )
    fits: object = value
    if field in _LISTED:
        fits = tuple(str(item) for item in value) if isinstance(value, list | tuple) else None
    elif field in _DAYS:
        fits = _day(value)
    elif not isinstance(value, str):
        fits = None
    if fits is None:
        raise errors.CorrectionRefused(
            field=field,
            message_ja=f"{field} の値の形が正しくありません。",
            message_en=f"The value has not the form of {field}.",
        )
    probe = replace(DatasetMetadata(title_ja="題名"), **{field: fits})  # type: ignore[arg-type]  # checked above
    if field == "licence" and value == "custom":
        probe = replace(probe, licence_name="個別の利用条件", licence_text="提供元の定め")
    for name, ja, en in metadata_faults(tidy_metadata(probe)):
        if name == field:
            raise errors.CorrectionRefused(field=field, message_ja=ja, message_en=en)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def must_be_slug(slug: str) -> str:
    """Return the slug if its shape is right. Raises SlugRefused."""
    if SLUG.fullmatch(slug) is None or is_uid(slug):
        raise errors.SlugRefused(slug=slug)
    return slug


def slug_from(words: str) -> str:
    """Return a slug made from Latin words, or "" when too little is left: accents go, other signs become hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    parts = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    made = ""
    for part in parts:
        longer = f"{made}-{part}" if made else part
        if len(longer) > 48:
            break
        made = longer
    made = made or "".join(parts)[:48]
    return made if SLUG.fullmatch(made) and not is_uid(made) else ""


def numbered_slugs(wanted: str) -> Iterable[str]:
    """Yield the slug itself, then with -2, -3 … at its end, never longer than 63."""
    yield wanted
    for number in range(2, 10_000):
        ending = f"-{number}"
        yield wanted[: 63 - len(ending)].rstrip("-") + ending


def must_be_distribution(details: DistributionDetails) -> DistributionDetails:
    """Return the tidied distribution. Raises DistributionRefused with `errors`."""
    lines = ("name", "holding_reason", "storage_place", "title_ja", "title_en", "url", "media_type", "format")
    changes: dict[str, object] = {name: _line(getattr(details, name)) for name in lines}
    tidied = replace(details, **changes, description_ja=_paragraphs(details.description_ja))  # type: ignore[arg-type]  # all of them are lines of text
    faults = list(_distribution_faults(tidied))
    if faults:
        raise errors.DistributionRefused(count=len(faults), errors=_listed(faults))
    return tidied


def _distribution_faults(details: DistributionDetails) -> Iterable[Fault]:
    if DISTRIBUTION_NAME.fullmatch(details.name) is None:
        yield (
            "name",
            "名前は半角の英小文字・数字・ハイフン・下線で63文字以内にしてください。",
            "A name has lower-case letters, digits, hyphens and underscores, 63 at most.",
        )
    if details.kind in ("link", "api") and details.holding == "held":
        yield (
            "holding",
            "リンクやAPIのデータは提供元に置かれます。「接続」を選んでください。",
            "The data of a link or an API stay with the provider: choose “connected”.",
        )
    if details.kind == "stream" and details.holding == "connected":
        yield (
            "holding",
            "ストリームは直近のデータを預かります。「預かり」を選んでください。",
            "The last events of a stream are held here: choose “held”.",
        )
    if details.holding == "connected" and not details.place_mark and not is_web_address(details.url, 2000):
        yield (
            "url",
            "データのある http(s) のURLを入力してください。",
            "Give the http(s) address at which the data are.",
        )
    if details.holding == "connected" and details.kind == "table" and not details.place_mark:
        yield (
            "kind",
            "提供元に置いたまま表として配信するには、「表をつなぐ」から始めます。ここでは「リンク」または「ファイル」を選んでください。",
            "A table that stays with its provider begins at “connect a table”; here choose “link” or “file”.",
        )
    if not details.holding_reason:
        yield (
            "holding_reason",
            "データを預ける、または提供元に置く理由を入力してください。",
            "Say why the data are held here, or stay with the provider.",
        )
    if details.holding == "held" and not details.storage_place:
        yield ("storage_place", "データの保管場所を入力してください。", "Say where the data are kept.")
    if details.format and details.format not in FORMATS:
        yield ("format", f"形式の一覧にない値です: {details.format}", f"This is not a known format: {details.format}")
    for name, limit in (("title_ja", MAX_TITLE), ("title_en", MAX_TITLE), ("storage_place", 200), ("media_type", 150)):
        if len(getattr(details, name)) > limit:
            yield (name, f"{limit}文字以内にしてください。", f"Keep this within {limit} characters.")
    yield from _days_faults("retention_days", details.retention_days)


def must_give_reason(reason: str) -> str:
    """Return the reason in tidy words. Raises ReasonMissing."""
    words = _paragraphs(reason)
    if not words:
        raise errors.ReasonMissing
    return words


def is_web_address(text: str, limit: int) -> bool:
    """Say whether the text is an http(s) address with a host and without spaces or credentials."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return (
        len(text) <= limit
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and not parts.username
        and not re.search(r"[\s<>\"]", text)
    )


def _days_faults(name: str, days: int | None) -> Iterable[Fault]:
    if days is not None and not 0 <= days <= MAX_RETENTION_DAYS:
        yield (
            name,
            f"保存日数は0日から{MAX_RETENTION_DAYS:,}日までです。空欄は「提供している間」です。",
            f"Keep between 0 and {MAX_RETENTION_DAYS:,} days; empty means as long as it is offered.",
        )


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub("", unicodedata.normalize("NFC", text)).split())


def _paragraphs(text: str) -> str:
    lines = _CONTROL.sub("", unicodedata.normalize("NFC", text)).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _listed(faults: Iterable[Fault]) -> list[dict[str, str]]:
    return [{"field": field, "message_ja": ja, "message_en": en} for field, ja, en in faults]
