"""Evidence of use: whatever byte is changed is found, and two files tell where they disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.metering.errors import BrokenEvidence, OtherEvidence
from tdpf.controlplane.metering.evidence import compare_evidence, read_evidence, write_evidence
from tdpf.controlplane.metering.types import EvidenceCompared, HourUse
from tdpf.kit.clock import JST
from tdpf.processes.cli import main

BEGUN = datetime(2026, 11, 21, 9, tzinfo=JST)
HOURS = [HourUse(BEGUN + timedelta(hours=n), calls=10 + n, bytes=1000 * n, errors=n % 2, refused=n) for n in (0, 1, 3)]


def file_of(hours: list[HourUse] = HOURS, agreement: int = 7, now: datetime = BEGUN + timedelta(hours=4)) -> bytes:
    """Return the file made at `now`, in the hour after the last by default."""
    return write_evidence(agreement=agreement, terms_sha256="ab" * 32, hours=hours, now=now)


def test_what_was_written_is_read() -> None:
    """With sums, the end of the last whole hour and the last link."""
    held = read_evidence(file_of())
    assert (held.agreement, list(held.hours), held.until) == (7, HOURS, BEGUN + timedelta(hours=4))
    assert file_of().rstrip().endswith(f'"chain":"{held.chain}"}}'.encode())


@given(st.data())
def test_any_changed_byte_or_lost_line_is_found(data: st.DataObject) -> None:
    """Also a number rewritten so that every line is still well formed."""
    whole = file_of()
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    lines = whole.splitlines(keepends=True)
    lost = data.draw(st.integers(0, len(lines) - 1))
    for broken in (
        whole[:place] + bytes([other]) + whole[place + 1 :],
        b"".join(lines[:lost] + lines[lost + 1 :]),
        whole[:place],
    ):
        with pytest.raises(BrokenEvidence):
            read_evidence(broken)
    with pytest.raises(BrokenEvidence) as refused:
        read_evidence(whole.replace(b'"calls":11', b'"calls":12'))
    assert refused.value.data["line"] == 3


def test_a_chain_reckoned_anew_is_found_beside_the_other_sides_file() -> None:
    """Compared are hours that had ended for both; what came later is no disagreement."""
    ours, later = read_evidence(file_of()), HourUse(BEGUN + timedelta(hours=5), calls=1)
    forged = [replace(HOURS[0], calls=9), *HOURS[1:], later]
    theirs = read_evidence(file_of(forged, now=BEGUN + timedelta(days=1)))
    (found,) = compare_evidence(ours, theirs).differences
    assert (found.ours, found.theirs) == (HOURS[0], forged[0])
    agreeing = compare_evidence(ours, read_evidence(file_of([*HOURS, later], now=BEGUN + timedelta(days=1))))
    assert agreeing == EvidenceCompared(ours.until, 3, ())
    with pytest.raises(OtherEvidence):
        compare_evidence(ours, read_evidence(file_of(agreement=8)))


def test_no_hour_stands_behind_the_end_that_a_file_states() -> None:
    """Else whoever states an early end has none of its numbers compared. No instant is beyond the calendar either."""
    forged = [replace(HOURS[0], calls=1_000_000), *HOURS[1:]]
    for until in (BEGUN - timedelta(days=9999), BEGUN, BEGUN + timedelta(hours=2)):
        with pytest.raises(BrokenEvidence) as refused:
            read_evidence(file_of(forged, now=until))
        assert refused.value.data["line"] == 4
    assert read_evidence(file_of(now=BEGUN + timedelta(hours=3, minutes=59))).hours[-1] == HOURS[-1]
    last = datetime(9999, 12, 31, 23, tzinfo=JST)
    for begins in (last, last.replace(tzinfo=timezone(timedelta(hours=-9)))):
        with pytest.raises(BrokenEvidence):
            read_evidence(file_of([HourUse(begins)] * 2, now=last))


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As it was written, changed in one number, and different from the other side's."""
    whole, changed, other = tmp_path / "whole", tmp_path / "changed", tmp_path / "other"
    whole.write_bytes(file_of())
    changed.write_bytes(file_of().replace(b'"bytes":3000', b'"bytes":2000'))
    other.write_bytes(file_of(HOURS[:-1]))
    assert main(["evidence", str(whole)]) == 0
    assert "3 hours, 34 calls" in capsys.readouterr().out
    early = tmp_path / "early"
    early.write_bytes(file_of(HOURS[:2], now=BEGUN + timedelta(hours=1)))
    assert main(["evidence", str(early), str(whole)]) == 0
    assert "the two agree until 2026-11-21T10:00:00+09:00: agreement 7, 1 hours, 10 calls" in capsys.readouterr().out
    early.write_bytes(file_of([], now=BEGUN))
    assert main(["evidence", str(whole), str(early)]) == 1
    assert "nothing to compare" in capsys.readouterr().out
    assert main(["evidence", str(changed)]) == 1
    assert "Line 4 is not as it was written" in capsys.readouterr().err
    assert main(["evidence", str(whole), str(other)]) == 1
    assert "calls 13 ≠ 0" in capsys.readouterr().out
