"""What a list of datasets calls itself."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from tdpf.controlplane.federation.reading.list_folder import list_folder
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation.errors import EmptyFile, NotReadable, SeveralTables
from tdpf.kit.sites import Answer


def title_of_list(answer: Answer) -> str:
    """Return the line that stands above the first table of a file, "" without one."""
    name = unquote(urlsplit(answer.url).path.rsplit("/", 1)[-1]) or "list"
    with list_folder() as folder:
        path = folder / "file"
        path.write_bytes(answer.body)
        try:
            table = preparation.read_strange_file(path, name, folder=folder, choice=None).result.table
        except (NotReadable, SeveralTables, EmptyFile):
            return ""
        return " ".join(table.title_lines[0].split())[:200] if table.title_lines else ""
