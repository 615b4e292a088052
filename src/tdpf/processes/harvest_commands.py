"""The grammar of `tdpf harvest`; what it does is imported when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def add_harvest(commands: argparse._SubParsersAction[argparse.ArgumentParser], start: Callable[[], None]) -> None:
    """Add `harvest add|run|list` to the command line; `start` loads settings and rooms."""

    def add(arguments: argparse.Namespace) -> int:
        start()
        from tdpf.processes.harvesting import add_site

        return add_site(arguments.url, kind=arguments.kind, name=arguments.name, pause=arguments.pause)

    def run(arguments: argparse.Namespace) -> int:
        start()
        from tdpf.processes.harvesting import run_sites

        return run_sites(arguments.site, full=arguments.full)

    def show(arguments: argparse.Namespace) -> int:
        del arguments
        start()
        from tdpf.processes.harvesting import print_sites

        return print_sites()

    harvest = commands.add_parser("harvest", help="read other sites' catalogues (add, run, list)")
    doings = harvest.add_subparsers(required=True, metavar="add|run|list")
    added = doings.add_parser("add", help="read a site from now on")
    added.add_argument("url")
    added.add_argument("--kind", help="kind of catalogue; found out when not given")
    added.add_argument("--name", help="what the site is called")
    added.add_argument("--pause", type=float, default=1.0, help="seconds between two requests")
    added.set_defaults(run=add)
    ran = doings.add_parser("run", help="read sites now, all active ones when none is named")
    ran.add_argument("site", nargs="*")
    ran.add_argument("--full", action="store_true", help="read everything, not only what changed")
    ran.set_defaults(run=run)
    doings.add_parser("list", help="print the sites with their last runs").set_defaults(run=show)
