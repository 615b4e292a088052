"""What federation decides: when a site is read, when a run is stuck, which losses are believed, which place is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tdpf.controlplane.federation import errors
from tdpf.controlplane.federation.types import SiteFacts, SourceKind
from tdpf.kit.clock import JST
from tdpf.kit.codes import is_municipality_code
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.text import Text

STUCK_AFTER = timedelta(minutes=5)
MOST_RESTARTS = 5
LONGEST_WAIT_SECONDS = 7 * 86400
MOST_LOG_LINES = 200
MOST_FAULTS = 1000
MOST_FAILURES_IN_A_ROW = 6
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def next_run_at(*, every_hours: int | None, daily_hour: int | None, after: datetime) -> datetime:
    """Return when a site is read next: so many hours later, or at the next such hour in Japan."""
    if daily_hour is None:
        return after + timedelta(hours=every_hours or 24)
    day = after.astimezone(JST)
    hour = day.replace(hour=daily_hour, minute=0, second=0, microsecond=0)
    return hour if hour > day else hour + timedelta(days=1)


def is_full_due(*, mark: object, last_full_at: datetime | None, full_days: int, now: datetime) -> bool:
    """Say whether everything is to be read anew: there is nothing to go on from, or the last whole reading is too old."""
    if not mark or last_full_at is None:
        return True
    # An hour less, so that a daily schedule does not slip by a day each time.
    return now - last_full_at >= timedelta(days=full_days) - timedelta(hours=1)


def is_stuck(heartbeat_at: datetime | None, now: datetime) -> bool:
    """Say whether nobody works on a running run any more."""
    return heartbeat_at is None or now - heartbeat_at > STUCK_AFTER


def place_of(*, kind: str, url: str, options: Mapping[str, object]) -> str:
    """Return a digest of what is read: marks and cursors of another address, kind or choice say nothing about it."""
    return sha256_hex(canonical_json([kind, url, dict(options)]))


def address_key(url: str) -> str:
    """Return the same text for addresses that lead to one place: case of the host, default port, scheme, last slash."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url.strip()
    shown = f"{host}:{port}" if port not in (None, 80, 443) else host
    return f"//{shown}{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"


def losses_are_sudden(*, before: int, gone: int) -> bool:
    """Say whether a site lists less than half of what it had: then a person looks before anything is taken down."""
    return gone > 0 and (before - gone) * 2 < before


def retry_at(*, failures: int, usual: datetime, now: datetime) -> datetime:
    """Return when to try again after `failures` in a row: after 15, 30, 60 … minutes, never later than usual."""
    return min(usual, now + timedelta(minutes=15 * 2 ** min(failures - 1, MOST_FAILURES_IN_A_ROW)))


@dataclass(frozen=True, slots=True)
class Standing:
    """A record as a place of a dataset: does the site belong to the publisher itself, since when is it known or gone."""

    key: int
    site: str
    is_own: bool
    gone_at: datetime | None
    first_seen_at: datetime


def primary_of(places: Sequence[Standing]) -> int:
    """Return the key of the place whose words are shown: not gone, the publisher's own site, then the one known longest.

    When all are gone, the words of the one that was there last stay.
    """

    def rank(place: Standing) -> tuple[float, bool, datetime, str, int]:
        gone = -place.gone_at.timestamp() if place.gone_at else float("-inf")
        return gone, not place.is_own, place.first_seen_at, place.site, place.key

    return min(places, key=rank).key


def fewer_than_announced(announced: int | None, came: int) -> Text | None:
    """Return what to say when a site announces more records than it gives; None when it does not."""
    if announced is None or came >= announced:
        return None
    return Text(
        f"サイトは {announced} 件あると答えましたが、{came} 件しか渡しませんでした",
        f"the site announced {announced} records and gave only {came}",
    )


def log_with(lines: Sequence[Sequence[str]], fresh: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return a log with new lines at its end: the first ten stay, of the others the last ones."""
    whole = [list(line) for line in (*lines, *fresh)]
    if len(whole) <= MOST_LOG_LINES:
        return whole
    return whole[:10] + whole[len(whole) - MOST_LOG_LINES + 10 :]


def option_faults(options: Mapping[str, str], kind: SourceKind) -> list[Text]:
    """Return what is wrong with a kind's options: names it does not know, and what must be a number and is none."""
    found: list[Text] = []
    known = "、".join(kind.options), ", ".join(kind.options)
    for name, value in options.items():
        if name not in kind.options:
            found.append(
                Text(
                    f"「{name[:50]}」という設定はありません。" + (f"使えるのは {known[0]} です。" if known[0] else "この種類に設定はありません。"),
                    f"There is no setting “{name[:50]}”. " + (f"Known ones: {known[1]}." if known[1] else "This kind has none."),
                )
            )  # fmt: skip
        elif name in kind.numbers and value:
            least, most = kind.numbers[name]
            if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
                found.append(
                    Text(f"「{name}」は {least} から {most} までの整数で書いてください。", f"“{name}” is a whole number from {least} to {most}.")
                )  # fmt: skip
    return found


def must_fit(options: Mapping[str, str], kind: SourceKind) -> None:
    """Raise SiteIncomplete when a kind's options are not what it knows."""
    if faults := option_faults(options, kind):
        raise errors.SiteIncomplete(
            errors=[{"field": "options", "message_ja": fault.ja, "message_en": fault.en} for fault in faults],
            why_ja="".join(fault.ja for fault in faults),
            why_en=" ".join(fault.en for fault in faults),
        )


def tidy_site(facts: SiteFacts, *, kinds: Iterable[SourceKind]) -> SiteFacts:
    """Return what is said about a site without stray spaces. Raises SiteIncomplete (`errors` by field), KindUnknown."""
    known = {kind.kind: kind for kind in kinds}
    if facts.kind not in known:
        raise errors.KindUnknown(kind=facts.kind, known=", ".join(known))
    found: list[dict[str, str]] = []

    def say(field: str, ja: str, en: str) -> None:
        found.append({"field": field, "message_ja": ja, "message_en": en})

    url, slug = facts.url.strip(), facts.slug.strip().lower()
    if not facts.name_ja.strip():
        say("name_ja", "名前を書いてください。", "Give it a name.")
    if not is_web_address(url):
        say(
            "url",
            "http または https で始まるアドレスを書いてください。",
            "Give an address that begins with http or https.",
        )
    if slug and not SLUG.fullmatch(slug):
        say(
            "slug",
            "英小文字・数字・ハイフンで3〜63文字にしてください。",
            "Use 3 to 63 small letters, digits and hyphens.",
        )
    if (facts.every_hours is None) == (facts.daily_hour is None):
        say(
            "every_hours",
            "間隔か時刻のどちらか一つを決めてください。",
            "Choose either an interval or an hour of the day.",
        )
    if facts.every_hours is not None and not 1 <= facts.every_hours <= 24 * 31:
        say("every_hours", "1時間から31日までにしてください。", "Between one hour and 31 days, please.")
    if facts.daily_hour is not None and not 0 <= facts.daily_hour <= 23:
        say("daily_hour", "0時から23時までにしてください。", "Between 0 and 23, please.")
    if not 1 <= facts.full_days <= 365:
        say("full_days", "1日から365日までにしてください。", "Between 1 and 365 days, please.")
    if not 0 <= facts.pause_seconds <= 60:
        say("pause_seconds", "0秒から60秒までにしてください。", "Between 0 and 60 seconds, please.")
    if not 1 <= facts.run_hours <= 72:
        say("run_hours", "1時間から72時間までにしてください。", "Between 1 and 72 hours, please.")
    area = facts.publisher_area.strip()
    if area and not is_municipality_code(area):
        say("publisher_area", "6桁の全国地方公共団体コードを書いてください。", "Give a six-digit municipality code.")
    options = {name.strip(): value.strip() for name, value in facts.options.items()}
    for fault in option_faults(options, known[facts.kind]):
        say("options", fault.ja, fault.en)
    if found:
        raise errors.SiteIncomplete(
            errors=found,
            why_ja=" ".join(item["message_ja"] for item in found),
            why_en=" ".join(item["message_en"] for item in found),
        )
    return replace(
        facts,
        name_ja=facts.name_ja.strip()[:200],
        name_en=facts.name_en.strip()[:200],
        slug=slug,
        url=url,
        options=options,
        standing=facts.standing if facts.standing in ("own", "gathered") else "own",
        publisher_name=facts.publisher_name.strip()[:200],
        publisher_area=area,
        contact_email=facts.contact_email.strip(),
        robots_permission=facts.robots_permission.strip()[:500],
    )


def is_web_address(url: str) -> bool:
    """Say whether a text is the address of a web page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= 2000
