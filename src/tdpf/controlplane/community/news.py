"""What is said about a change, in letters and feeds: pure functions of what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tdpf.kit.text import Text

_FAREWELL = Text(
    "--\nTDPF（東京データプラットフォーム）\nこのお知らせは、フォローしているデータについて届きます。止めるには、上のページで「フォロー中」を押してください。\n",
    "--\nTDPF (Tokyo Data Platform)\nYou get this because you follow these data. To stop, press “Following” on the page above.\n",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it has an address."""

    subject: Text
    body: Text


def difference(diff: Mapping[str, object], rows: int) -> Text:
    """Return what changed between two versions in one sentence; without a difference, how many rows there are."""
    if not any(name in diff for name in ("added", "removed", "changed")):
        return Text(f"{rows:,}行", f"{rows:,} rows")
    added, removed, changed = (_count(diff.get(name)) for name in ("added", "removed", "changed"))
    ja = f"追加{added:,}行、削除{removed:,}行、変更{changed:,}行（全{rows:,}行）"
    en = f"{added:,} rows added, {removed:,} removed, {changed:,} changed ({rows:,} in all)"
    for name, word_ja, word_en in (
        ("columns_added", "増えた項目", "New columns"),
        ("columns_removed", "なくなった項目", "Columns gone"),
    ):
        columns = diff.get(name)
        if isinstance(columns, list | tuple) and columns:
            listed = [str(column) for column in columns[:20]]
            ja += f"。{word_ja}: {'、'.join(listed)}"
            en += f". {word_en}: {', '.join(listed)}"
    return Text(ja, en)


def version_letter(*, title: Text, number: int, what: Text, address: str) -> Letter:
    """Return the letter about a new version."""
    return _letter(
        Text(f"更新: {title.ja}（第{number}版）", f"Updated: {title.en} (version {number})"),
        Text(
            f"フォローしているデータセット「{title.ja}」の第{number}版が公開されました。\n\n{what.ja}",
            f"Version {number} of “{title.en}”, which you follow, was published.\n\n{what.en}",
        ),
        address,
    )


def notice_letter(*, title: Text, effective_on: date, reason: str, address: str) -> Letter:
    """Return the letter that tells that an offer will end."""
    day_ja = f"{effective_on.year}年{effective_on.month}月{effective_on.day}日"
    return _letter(
        Text(f"提供停止の予告: {title.ja}（{day_ja}）", f"To be withdrawn: {title.en} ({effective_on.isoformat()})"),
        Text(
            f"フォローしているデータセット「{title.ja}」の提供が{day_ja}に終わります。{_said(reason).ja}",
            f"“{title.en}”, which you follow, will no longer be offered from {effective_on.isoformat()}.{_said(reason).en}",
        ),
        address,
    )


def withdrawn_letter(*, title: Text, reason: str, address: str) -> Letter:
    """Return the letter that tells that a dataset is no longer offered."""
    return _letter(
        Text(f"提供終了: {title.ja}", f"Withdrawn: {title.en}"),
        Text(
            f"フォローしているデータセット「{title.ja}」の提供が終わりました。{_said(reason).ja}",
            f"“{title.en}”, which you follow, is no longer offered.{_said(reason).en}",
        ),
        address,
    )


def _letter(subject: Text, body: Text, address: str) -> Letter:
    return Letter(
        subject, Text(f"{body.ja}\n\n{address}\n\n{_FAREWELL.ja}", f"{body.en}\n\n{address}\n\n{_FAREWELL.en}")
    )


def _said(reason: str) -> Text:
    return Text(f"\n\n提供者から:\n{reason}", f"\n\nThe provider says:\n{reason}") if reason else Text("", "")


def _count(value: object) -> int:
    if isinstance(value, list | tuple):
        return len(value)
    return value if isinstance(value, int) else 0
