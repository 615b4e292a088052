"""A contract of our own: from outside a room only its doors may be imported."""

from __future__ import annotations

from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """Checks that every import into a room of `house` from outside that room goes to one of its `doors`.

    Modules of `keyholders` (the composition roots) may enter anywhere.
    """

    type_name = "doors"

    house = fields.StringField()
    doors = fields.ListField(subfield=fields.StringField())
    keyholders = fields.ListField(subfield=fields.StringField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every import that crosses the wall of a room."""
        del verbose
        house, doors, keyholders = str(self.house), list(self.doors), tuple(self.keyholders)
        broken: list[dict[str, Any]] = []
        for room in sorted(graph.find_children(house)):
            for module in sorted({room, *graph.find_descendants(room)}):
                if any(module == f"{room}.{door}" or module.startswith(f"{room}.{door}.") for door in doors):
                    continue
                for importer in sorted(graph.find_modules_that_directly_import(module)):
                    if importer == room or importer.startswith((f"{room}.", *(f"{holder}." for holder in keyholders))):
                        continue
                    broken.append({"importer": importer, "imported": module})
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """List who walked through a wall."""
        for entry in check.metadata["broken"]:
            output.print_error(f"{entry['importer']} -> {entry['imported']}")
