"""Refusals that only the open protocols know."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class ParameterInvalid(Problem):
    """A parameter of a catalogue's address cannot be understood."""

    code = "standards/parameter-invalid"
    status = 400
    title = Text("パラメーターを読めません", "A parameter cannot be read")
    detail = Text(
        "{parameter} の値が正しくありません（{expected}）。", "The value of {parameter} is not right ({expected})."
    )
    cure = Text(
        "書き方は docs/reference/open-catalogue-apis.md にあります。",
        "How to write it stands in docs/reference/open-catalogue-apis.md.",
    )
