"""What is said about a change, in letters and feeds: pure functions of what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tdpf.kit.text import Text

_FAREWELL = Text(
    "--\nTDPF（東京データプラットフォーム）\nこのお知らせは、登録したものについて届きます。受け取り方を変える・止めるには:",
    "--\nTDPF (Tokyo Data Platform)\nYou get this because you follow it. To change how often, or to stop:",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it has an address."""

    subject: Text
    body: Text


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a digest: what it is called, what happened, where its page is."""

    title: Text
    summary: Text
    address: str
    entries: tuple[tuple[Text, str], ...] = ()
    more: int = 0


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


def version(*, title: Text, number: int, what: Text) -> Letter:
    """Say that a dataset has a new version."""
    return Letter(
        Text(f"更新: {title.ja}（第{number}版）", f"Updated: {title.en} (version {number})"),
        Text(
            f"「{title.ja}」の第{number}版が公開されました。\n{what.ja}",
            f"Version {number} of “{title.en}” was published.\n{what.en}",
        ),
    )


def notice(*, title: Text, effective_on: date, reason: str) -> Letter:
    """Say that an offer will end."""
    day = _day(effective_on)
    return Letter(
        Text(f"提供停止の予告: {title.ja}（{day.ja}）", f"To be withdrawn: {title.en} ({day.en})"),
        Text(
            f"「{title.ja}」の提供が{day.ja}に終わります。{_said(reason).ja}",
            f"“{title.en}” will no longer be offered from {day.en}.{_said(reason).en}",
        ),
    )


def withdrawn(*, title: Text, reason: str) -> Letter:
    """Say that a dataset is no longer offered."""
    return Letter(
        Text(f"提供終了: {title.ja}", f"Withdrawn: {title.en}"),
        Text(
            f"「{title.ja}」の提供が終わりました。{_said(reason).ja}",
            f"“{title.en}” is no longer offered.{_said(reason).en}",
        ),
    )


def described_anew(*, title: Text) -> Letter:
    """Say that the description of a dataset changed, here or at the site it comes from."""
    return Letter(
        Text(f"説明の変更: {title.ja}", f"Description changed: {title.en}"),
        Text(
            f"「{title.ja}」の説明か、ファイルの場所が変わりました。",
            f"The description of “{title.en}” or the place of its files changed.",
        ),
    )


def retired(*, title: Text) -> Letter:
    """Say that a dataset of another site is not listed there any more."""
    return Letter(
        Text(f"掲載終了: {title.ja}", f"No longer listed: {title.en}"),
        Text(
            f"「{title.ja}」は、元のサイトに掲載されなくなりました。この目録には記録が残ります。",
            f"“{title.en}” is no longer listed at the site it came from. The record stays in this catalogue.",
        ),
    )


def merged(*, into: Text) -> Letter:
    """Say that a dataset of another site turned out to be the same as another entry, and goes on there."""
    return Letter(
        Text(f"統合: {into.ja}", f"Merged: {into.en}"),
        Text(
            f"お知らせを登録しているデータが、同じデータの「{into.ja}」にまとめられました。これからのお知らせは、そちらについて届きます。",
            f"Data you follow are the same as “{into.en}” and have been merged into that entry. News go on from there.",
        ),
    )


def columns_to_change(
    *, title: Text, effective_on: date, added: Sequence[str], removed: Sequence[str], text: str
) -> Letter:
    """Say that columns will come or go on a day."""
    day = _day(effective_on)
    what = difference({"added": 0, "columns_added": list(added), "columns_removed": list(removed)}, 0)
    listed_ja, listed_en = what.ja.partition("。")[2], what.en.partition(". ")[2]
    return Letter(
        Text(f"列の変更の予告: {title.ja}（{day.ja}）", f"Columns will change: {title.en} ({day.en})"),
        Text(
            f"「{title.ja}」の列が{day.ja}に変わります。{listed_ja}{_said(text).ja}",
            f"The columns of “{title.en}” change on {day.en}. {listed_en}{_said(text).en}",
        ),
    )


def arrived(*, under: Text, count: int) -> Letter:
    """Say that datasets are new under something that is followed."""
    return Letter(
        Text(f"新しいデータ {count:,}件: {under.ja}", f"{count:,} new dataset(s): {under.en}"),
        Text(f"{under.ja}に、{count:,}件のデータが加わりました。", f"{count:,} dataset(s) are new: {under.en}."),
    )


def request_step(*, title: str, state: Text, text: str) -> Letter:
    """Say that a data request took a step."""
    return Letter(
        Text(f"リクエスト「{title}」: {state.ja}", f"Data request “{title}”: {state.en}"),
        Text(
            f"リクエスト「{title}」は、いま「{state.ja}」です。{_said(text).ja if text else ''}",
            f"The data request “{title}” is now: {state.en}.{_said(text).en if text else ''}",
        ),
    )


def one_mail(line: Line, *, settings_page: str) -> Letter:
    """Return the mail about one piece of news."""
    return Letter(line.title, _closed([line], settings_page, headed=False))


def digest(lines: Sequence[Line], *, day: date, settings_page: str) -> Letter:
    """Return the mail with everything that happened since the last one."""
    at = _day(day)
    subject = Text(f"お知らせ {len(lines)}件（{at.ja}）", f"{len(lines)} piece(s) of news ({at.en})")
    return Letter(subject, _closed(lines, settings_page, headed=True))


def _closed(lines: Iterable[Line], settings_page: str, *, headed: bool) -> Text:
    ja: list[str] = []
    en: list[str] = []
    for line in lines:
        for out, language, more in ((ja, "ja", "ほか{:,}件"), (en, "en", "and {:,} more")):
            parts = [f"■ {line.title.in_(language)}"] if headed else []
            parts += [line.summary.in_(language), ""] if not headed else [line.summary.in_(language)]
            parts += [f"・{title.in_(language)}\n  {address}" for title, address in line.entries]
            if line.more > 0:
                parts.append(more.format(line.more))
            out.append("\n".join([*parts, line.address]))
    return Text(
        "\n\n".join(ja) + f"\n\n{_FAREWELL.ja}\n{settings_page}\n",
        "\n\n".join(en) + f"\n\n{_FAREWELL.en}\n{settings_page}\n",
    )


def _day(day: date) -> Text:
    return Text(f"{day.year}年{day.month}月{day.day}日", day.isoformat())


def _said(reason: str) -> Text:
    return Text(f"\n\n提供者から:\n{reason}", f"\n\nThe provider says:\n{reason}") if reason else Text("", "")


def _count(value: object) -> int:
    if isinstance(value, list | tuple):
        return len(value)
    return value if isinstance(value, int) else 0
