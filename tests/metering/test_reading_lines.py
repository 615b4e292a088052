"""Lines are counted kind by kind; the careful reader, line by line, comes to the same."""

from __future__ import annotations

import hashlib

from hypothesis import example, given
from hypothesis import strategies as st

from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.reading_lines import read_lines
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.usage_log import parse_line

_TIMES = ["2026-11-21T12:34:56.789Z", "2026-11-21T14:59:59.999Z", "2026-02-31T00:00:00.000Z", "2026-11-21T12:34:60.000Z",
          "2026-11-21T12:34:61.000Z", "2026-11-21T12:60:00.000Z", "2026-11-21T12:34:56Z", "0000-01-01T00:00:00.000Z"]  # fmt: skip
_WHO = ["1001,55,7,key,items", "1001,55,7,key,item", "0,0,7,anonymous,file", "-", "", "x,5,7,key,items", "1,5,7,root,items",
        "99999999999999999999,5,7,key,items"]  # fmt: skip
_NUMBERS = ["-", "0", "300", "999999999999", "999999999999999", "9007199254740992", "１２", "x", ""]
_line = st.tuples(
    st.sampled_from(_TIMES), st.sampled_from(["id", "", "-", "\udce3\udc81"]), st.sampled_from(_WHO), st.sampled_from(["1", "0", "-"]),
    st.sampled_from(["GET", "OPTIONS"]), st.sampled_from(["200", "404", "-", "0", "99999999999", "OK"]),
    st.sampled_from(["-", "UF"]), st.sampled_from(_NUMBERS), st.sampled_from(_NUMBERS), st.sampled_from(_NUMBERS),
    st.sampled_from(["/data", "", "a\tb", "é\r", "\udcff"]),
).map("\t".join)  # fmt: skip
_lines = st.lists(st.one_of(_line, st.text(alphabet="\t1-Z,:é\r", max_size=30)), min_size=1, max_size=12)


@given(_lines, st.sampled_from(["", "ab" * 32]))
@example(["\t".join([_TIMES[0], "id", _WHO[0], "1", "GET", "200", "-", "300", "0", "12", "/data"])] * 3, "")
def test_counting_by_kind_is_counting_line_by_line(lines: list[str], chain: str) -> None:
    data = "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"
    read = read_lines(data, chain, few=0)
    assert read == read_lines(data, chain)
    good = []
    for raw in data.removesuffix(b"\n").split(b"\n"):
        chain = hashlib.sha256(chain.encode() + raw).hexdigest()
        try:
            line = parse_line(raw)
            rules.check_line(line)
        except MalformedMessage:
            continue
        good.append(line)
    assert read.sums == rules.sum_lines(good)
    assert (read.count, read.malformed) == (len(lines), len(lines) - len(good))
    assert read.chain == chain
