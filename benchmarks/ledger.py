"""How fast one worker takes usage into the ledger, at the beginning and after many lines, beside what the bytes alone cost.

`python -m benchmarks.ledger --lines 50000000` prints one line per stretch: lines per second by the clock and by processor time, and
the same for the limit: the bytes written durably in the same pieces, each line chained by SHA-256, nothing read or added up.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PIECE = 8 << 20
STRETCH = 1_000_000
_HOURS = 3_600_000


def made_stretch(number: int, agreements: int, seed: int) -> bytes:
    """Return a stretch of log lines of two hours: a few agreements make most calls, some are refused or fail."""
    from datetime import UTC, datetime, timedelta

    chance = random.Random(seed * 1_000_003 + number)  # noqa: S311 (a made-up load, nothing secret)
    begun = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=2 * number)
    who = [f"{1000 + n % 700},{n},{n % 200 + 1},key" for n in range(1, agreements + 1)]
    lines = []
    seconds = [f"{begun + timedelta(seconds=second):%Y-%m-%dT%H:%M:%S}" for second in range(2 * _HOURS // 1000)]
    for place in range(STRETCH):
        second, milliseconds = divmod(place * 2 * _HOURS // STRETCH, 1000)
        caller = who[int(agreements * chance.random() ** 3)]
        kind = "item" if place % 3 else "items"
        status = 200 if place % 50 else (404, 429, 503)[place // 50 % 3]
        lines.append(
            f"{seconds[second]}.{milliseconds:03d}Z\t{place:08x}-9f0c-4b7e-8a51-{number:012x}\t{caller},{kind}"
            f"\t{int(status != 429)}\tGET\t{status}\t-\t{300 + place % 4000}\t0\t{place % 40}\t/data/collections/c{place % 200}/items/{place}\n"
        )
    return "".join(lines).encode()


def in_pieces(data: bytes, take: Callable[[int, bytes], int]) -> tuple[float, float]:
    """Hand data over as a gateway does, going on from where it is safe; return seconds and seconds of processor."""
    begun, used = time.perf_counter(), time.process_time()
    offset = 0
    while offset < len(data):
        offset = take(offset, data[offset : offset + PIECE])
    return time.perf_counter() - begun, time.process_time() - used


def limit_of(folder: Path) -> Callable[[int, bytes], int]:
    """Return the least that taking in can be: whole lines kept durably and chained."""
    chains = [""]

    def take(offset: int, data: bytes) -> int:
        whole = data[: data.rfind(b"\n") + 1]
        with (folder / "limit").open("r+b" if offset else "wb") as stream:
            stream.seek(offset)
            stream.write(whole)
            stream.flush()
            os.fsync(stream.fileno())
        for line in whole.split(b"\n"):
            chains[0] = hashlib.sha256(chains[0].encode() + line).hexdigest()
        return offset + len(whole)

    return take


def main() -> None:
    """Make a ledger of its own, take the lines in, print each tenth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--agreements", type=int, default=2_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tdpf-ledger-") as folder:
        os.environ |= {"TDPF_HOME": folder, "DJANGO_SETTINGS_MODULE": "tdpf.processes.settings"}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", database="ledger", verbosity=0)
        from tdpf.controlplane.metering import services

        stretches = max(1, chosen.lines // STRETCH)
        for number in range(stretches):
            data = made_stretch(number, chosen.agreements, 7)

            def take(offset: int, piece: bytes, segment: str = f"s{number:06d}") -> int:
                return services.ingest_segment(gateway="g1", segment=segment, offset=offset, data=piece)

            seconds, processor = in_pieces(data, take)
            if number % max(1, stretches // 10) == 0 or number == stretches - 1:
                least, least_processor = in_pieces(data, limit_of(Path(folder)))
                print(
                    f"after {number * STRETCH:>11,} lines: {STRETCH / seconds:9,.0f} lines/s, {STRETCH / processor:9,.0f} per processor second;"
                    f" limit {STRETCH / least:9,.0f} and {STRETCH / least_processor:9,.0f} ({processor / least_processor:.1f} x)",
                    flush=True,
                )
            (Path(folder) / "evidence" / "g1" / f"s{number:06d}").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
