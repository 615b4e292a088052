"""`tdpf harvest`: sites that are read again and again, from a terminal."""

from __future__ import annotations

import gc
import shlex
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tdpf.controlplane.federation import queries, services
from tdpf.controlplane.federation.types import KindGuess, SiteFacts
from tdpf.kit.clock import JST, now
from tdpf.kit.errors import Problem

_SECONDS_BETWEEN_LINES = 5.0
_SHOWN_FAULTS = 10


def add_site(url: str, *, kind: str | None, name: str | None, pause: float) -> int:
    """Add a site; without a kind, find out what answers there. Return 0, or 1 when nothing that we know does."""
    try:
        if kind is None:
            guesses = queries.guess_kinds(url)
            guess = guesses[0] if guesses else None
            if guess is not None and guess.place == "near":
                _propose(url, guesses)
                return 1
            if guess is None:
                print(
                    f"{url} で読み取れるカタログが見つかりません / no catalogue that we can read answers at {url}",
                    file=sys.stderr,
                )
                return 1
            print(f"{guess.kind}: {guess.evidence.ja} / {guess.evidence.en}")
            kind, url, name = guess.kind, guess.url, name or guess.title
        name = name or urlsplit(url).hostname or url
        facts = SiteFacts(name_ja=name, kind=kind, url=url, pause_seconds=pause, allow_private=True)
        site = services.keep_site(facts=facts)
    except Problem as problem:
        print(f"{problem.detail_in('ja')}\n{problem.detail_in('en')}", file=sys.stderr)
        return 1
    print(f"{site.slug}  {site.kind}  {site.url}")
    return 0


def _propose(url: str, guesses: Sequence[KindGuess]) -> None:
    """Say what answers near an address where nothing does, and how to add it."""
    print(
        f"{url} そのものには読み取れるカタログがありません。同じサイトに次のものがあります / "
        f"no catalogue that we can read answers at {url} itself; the same site has",
        file=sys.stderr,
    )
    for guess in guesses:
        print(f"  {guess.kind}: {guess.evidence.ja} / {guess.evidence.en}", file=sys.stderr)
        print(f"    tdpf harvest add {shlex.quote(guess.url)} --kind {guess.kind}", file=sys.stderr)


def run_sites(names: Sequence[str], *, full: bool = False) -> int:
    """Run sites now, one after the other, all active ones without names; return 1 when a run did not end well.

    A run whose process died goes on where it was, with or without a worker.
    """
    try:
        sites = [queries.get_site(name) for name in names]
    except Problem as problem:
        print(f"{problem.detail_in('ja')}\n{problem.detail_in('en')}", file=sys.stderr)
        return 1
    if not names:
        sites = [line.site for line in queries.list_sites() if line.site.state == "active"]
    services.free_stuck_runs(instant=now())
    gc.freeze()
    failed = False
    for site in sites:
        begun = services.begin_run(site=site, asked_by="command line", is_full=full)
        print(f"{site.slug}: {site.url}", flush=True)
        with _Progress(begun.uid):
            run = services.perform_run(run_uid=begun.uid)
        if run is None:
            print(f"{site.slug}: 別のところで収集中です / a run goes on elsewhere", file=sys.stderr)
            failed = True
            continue
        print(f"{site.slug}: {run.state}  {_counts(run.uid)}", flush=True)
        for _at, _ja, line in run.log[-5:]:
            print(f"  {line}")
        _print_faults(run.uid, limit=_SHOWN_FAULTS)
        failed = failed or run.state != "done"
    return 1 if failed else 0


def print_sites() -> int:
    """Print every site with its last run."""
    for line in queries.list_sites():
        site, last = line.site, line.last
        when = last.ended_at.astimezone(JST).strftime("%Y-%m-%d %H:%M") if last and last.ended_at else "-"
        print(
            f"{site.slug:<32} {site.kind:<12} {site.state:<7} {line.live:>7}  {last.state if last else '-':<8} {when}  {site.name_ja}  {site.url}"
        )
    return 0


def print_site(name: str) -> int:
    """Print the runs of one site and all that the last one left out; return 1 when there is no such site."""
    try:
        site = queries.get_site(name)
    except Problem as problem:
        print(f"{problem.detail_in('ja')}\n{problem.detail_in('en')}", file=sys.stderr)
        return 1
    runs = queries.runs_of(site, limit=10)
    for run in runs:
        print(f"{run.asked_at.astimezone(JST):%Y-%m-%d %H:%M}  {run.state:<8} {_counts(run.uid)}")
    if runs:
        _print_faults(runs[0].uid)
    return 0


def print_proposals(tables: Sequence[Path]) -> int:
    """Learn from tables which bodies have catalogues, then print those that are known and not collected, tab-separated."""
    for table in tables:
        try:
            fresh = services.propose_from_table(path=table, name=table.name)
        except (Problem, OSError) as fault:
            said = fault.detail_in("ja") + "\n" + fault.detail_in("en") if isinstance(fault, Problem) else str(fault)
            print(f"{table}: {said}", file=sys.stderr)
            return 1
        print(f"{table}: {fresh} 件を新しく知りました / {fresh} not known before", file=sys.stderr)
    for proposal in queries.open_proposals(limit=sys.maxsize).items:
        print(f"{proposal.area_code}\t{proposal.name}\t{proposal.url}\t{proposal.licence}\t{proposal.evidence_ja}")
    return 0


def _print_faults(run_uid: str, *, limit: int = 1000) -> None:
    run = queries.get_run(run_uid)
    found = queries.faults_of(run, limit=limit)
    for fault in found.items:
        what = f"{fault.record_id} {fault.part}".strip() or "-"
        print(f"  [{fault.code}] {what}: {fault.why_ja} / {fault.why_en}  {fault.where}")
    if found.total > len(found.items):
        more = found.total - len(found.items)
        print(f"  ほかに {more} 件（tdpf harvest list {run.site.slug}）/ {more} more")


class _Progress:
    """Prints a run's counts every few seconds while it goes on."""

    def __init__(self, run_uid: str) -> None:
        self._run_uid = run_uid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _tell(self) -> None:
        from django.db import connection

        while not self._over.wait(_SECONDS_BETWEEN_LINES):
            print(f"  {_counts(self._run_uid)}", flush=True)
        connection.close()


def _counts(run_uid: str) -> str:
    run = queries.get_run(run_uid)
    return (
        f"seen {run.seen}/{'?' if run.announced is None else run.announced}  added {run.added}  changed {run.changed}  "
        f"unchanged {run.unchanged}  gone {run.gone}  duplicates {run.duplicates}  left out {run.left_out}"
    )
