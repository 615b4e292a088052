"""Writes the reference pages that follow from the code: `python -m tdpf.processes.reference`.

A test compares them, so a setting, event, problem or command without its line does not land.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import tdpf
from tdpf.kit.errors import problem_classes
from tdpf.kit.events import Event
from tdpf.processes.variables import VARIABLES

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference"
_NOTE = "<!-- Written by `python -m tdpf.processes.reference`; change the code, not this page. -->\n\n"


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    return {
        "settings.md": _settings(),
        "problems.md": _problems(),
        "events.md": _events(),
        "commands.md": _commands(),
        "source-connection.schema.json": _source_documents(),
    }


def _settings() -> str:
    lines = [
        _NOTE,
        "# 設定 / Settings\n\n環境変数で渡します。 *Passed as environment variables.*\n\n",
        "| 変数 | 既定 | |\n|---|---|---|\n",
    ]
    lines += [f"| `{item.name}` | {item.default} | {item.ja}<br>*{item.en}* |\n" for item in VARIABLES]
    return "".join(lines)


def _source_documents() -> str:
    from tdpf.controlplane.access.queries import source_document_schema

    return json.dumps(source_document_schema(), ensure_ascii=False, indent=2) + "\n"


def _problems() -> str:
    # A problem is known once its module is: all are loaded, so that the page does not depend on who came before.
    for module in walk_packages(tdpf.__path__, "tdpf."):
        if not module.name.startswith("tdpf.processes.") and ".migrations" not in module.name:
            import_module(module.name)
    lines = [
        _NOTE,
        "# 問題と直し方 / Problems and cures\n\n",
        (
            "プログラムへの答えは RFC 9457 の文書で、`type` は `/problems/{コード}` です。"
            " *Programs get RFC 9457 documents; `type` is `/problems/{code}`.*\n\n"
        ),
    ]
    for code, problem in problem_classes().items():
        lines.append(f"## `{code}` — {problem.status}\n\n")
        lines.append(f"**{problem.title.ja}** / {problem.title.en}\n\n")
        lines.append(f"- {problem.detail.ja}<br>*{problem.detail.en}*\n- {problem.cure.ja}<br>*{problem.cure.en}*\n\n")
    return "".join(lines)


def _events() -> str:
    lines = [
        _NOTE,
        "# 出来事 / Events\n\n",
        (
            "起きたことは監査ログに封じられ、関心のある部品に伝えられます。"
            " *What happened is sealed in the audit log and told to whoever subscribed.*\n\n"
        ),
        "| 出来事 | 中身 | |\n|---|---|---|\n",
    ]
    known = {field.name for field in dataclasses.fields(Event)}
    for event in sorted(_event_classes(Event), key=lambda item: item.name):
        fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(event) if field.name not in known)
        sentence = " ".join((event.__doc__ or "").strip().split("\n\n")[0].split())
        lines.append(f"| `{event.name}` | {fields or '–'} | {sentence} |\n")
    return "".join(lines)


def _event_classes(event: type[Event]) -> list[type[Event]]:
    found = [item for item in event.__subclasses__() if "name" in item.__dict__ and item.__module__.startswith("tdpf.")]
    return found + [inner for item in event.__subclasses__() for inner in _event_classes(item)]


def _commands() -> str:
    from tdpf.processes.cli import command_parser

    os.environ["COLUMNS"] = "100"
    parser = command_parser()
    lines = [_NOTE, "# コマンド / Commands\n\n", f"```\n{parser.format_help()}```\n\n"]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                lines.append(f"## `tdpf {name}`\n\n```\n{inner.format_help()}```\n\n")
    return "".join(lines)


def main() -> int:
    """Write every page; return 0."""
    from tdpf.processes.cli import start_django

    start_django()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
        print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
