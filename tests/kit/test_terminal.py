"""What strangers wrote is shown on a terminal and never obeyed."""

from __future__ import annotations

import json

import pytest

from tdpf.kit.terminal import showing, shown, shown_json
from tdpf.processes.cli import main


def test_signs_a_terminal_obeys_are_written_out() -> None:
    assert shown("駅\x1b[31m\x07\x9b2J\u202e\r\n\t") == "駅\\u001b[31m\\u0007\\u009b2J\\u202e\\u000d\n\t"
    assert shown("氏名　Tokyo 👩‍👩‍👧 é") == "氏名　Tokyo 👩‍👩‍👧 é"
    document = '["\x7f\x9b\u2028\u202e\u2066駅 "]'
    assert json.loads(shown_json(document.encode())) == json.loads(document)
    assert shown(shown_json(document.encode()).decode()) == shown_json(document.encode()).decode()


def test_everything_printed_by_a_command_is_only_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with showing():
        print("\x1b]0;x\x07")
    with pytest.raises(SystemExit):
        main(["prepare", "\x1b[31m.csv", "--schema", "\x1b[32m"])
    told = capfd.readouterr()
    assert told.out == "\\u001b]0;x\\u0007\n"
    assert "\x1b" not in told.err
