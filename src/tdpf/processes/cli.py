"""The `tdpf` command. Each subcommand imports what it needs when it runs, so that small ones start fast."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence

from tdpf.kit.home import home
from tdpf.kit.terminal import showing
from tdpf.processes.address_commands import add_gazetteer, add_geocode
from tdpf.processes.bench_commands import add_benches
from tdpf.processes.evidence_commands import add_evidence
from tdpf.processes.file_commands import add_files
from tdpf.processes.harvest_commands import add_harvest
from tdpf.processes.node_commands import add_node
from tdpf.processes.search_commands import add_search

PARTS = ("all", "portal", "internal", "worker", "gateway", "delivery", "nodes", "node")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0 done, 1 refused or a fault found, 2 wrong use."""
    with showing():
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    arguments = command_parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        code = run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not stumble over it while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        print(f"書き込めません（空きがありません）/ cannot be written, no space is left: {fault}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def command_parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    parser = argparse.ArgumentParser(prog="tdpf", description="東京データプラットフォーム / Tokyo Data Platform")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run one part, or all of them (processes to serve the platform)")
    run.add_argument("part", choices=PARTS)
    run.add_argument(
        "--name", help="name of this gateway or delivery; each of several has its own (gateway-1, delivery)"
    )
    run.set_defaults(run=_run_part)

    migrate = commands.add_parser("migrate", help="bring the databases up to date")
    migrate.set_defaults(run=_migrate)

    demo = commands.add_parser("demo", help="make sample data and accounts; print their passwords and codes")
    demo.add_argument("--quiet", action="store_true", help="do not print the accounts")
    demo_commands = demo.add_subparsers(metavar="code NAME")
    code = demo_commands.add_parser("code", help="print the six-digit code of a sample account")
    code.add_argument("name")
    code.set_defaults(run=_demo_code)
    demo.set_defaults(run=_demo)

    add_harvest(commands, start_django)

    add_node(commands)

    operator = commands.add_parser("operator", help="make an operator account for a real installation")
    operator.add_argument("email")
    operator.set_defaults(run=_operator)

    add_search(commands, start_django)
    add_files(commands)
    add_geocode(commands)
    add_gazetteer(commands)

    bench = commands.add_parser("bench", help="measure a part on this machine")
    benches = bench.add_subparsers(required=True, metavar="PART")
    add_benches(benches, start_django)

    add_evidence(commands)

    check = commands.add_parser("check", help="verify the audit log, stored tables and waiting work")
    check.set_defaults(run=_check)
    return parser


def _run_part(arguments: argparse.Namespace) -> int:
    from tdpf.processes import everything

    place = home().prepare()
    port, public_url, demo = everything.environment_settings()
    part: str = arguments.part
    if part == "all":
        return everything.run_everything(place, port=port, public_url=public_url, demo=demo)
    if part == "gateway":
        from tdpf.processes.dataplane import run_gateway_part

        return run_gateway_part(
            place, name=arguments.name or "gateway-1", port=port, portal_processes=everything.portal_processes()
        )
    if part == "delivery":
        from tdpf.processes.dataplane import run_delivery_part

        return run_delivery_part(place, name=arguments.name or "")
    if part == "nodes":
        from tdpf.processes.dataplane import run_nodes_part

        return run_nodes_part(place, port=everything.nodes_port(), portal_processes=everything.portal_processes())
    if part == "node":
        return everything.run_node(place)
    if part == "portal":
        return everything.run_portal(place, name=arguments.name)
    if part == "internal":
        from tdpf.processes.serving import serve_internal

        serve_internal(place)
        return 0
    start_django()
    from tdpf.processes.worker import run_worker

    run_worker()
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    del arguments
    start_django()
    from tdpf.processes.migrating import migrate_databases

    migrate_databases(home())
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    place = home().prepare()
    from tdpf.processes.demo_accounts import told_accounts

    if not (place.secrets / "demo.json").exists():
        start_django()
        from tdpf.processes.demo import make_demo

        make_demo(place)
    if not arguments.quiet:
        print("\n".join(told_accounts(place)))
    return 0


def _demo_code(arguments: argparse.Namespace) -> int:
    from tdpf.processes.demo_accounts import load_accounts, totp_code

    for account in load_accounts(home()):
        if arguments.name in (account.name, account.email):
            print(totp_code(account.totp_secret))
            return 0
    print(f"no sample account is called {arguments.name}; `tdpf demo` lists them", file=sys.stderr)
    return 1


def _operator(arguments: argparse.Namespace) -> int:
    start_django()
    from tdpf.processes.operators import make_operator

    return make_operator(arguments.email)


def _check(arguments: argparse.Namespace) -> int:
    del arguments
    start_django()
    from tdpf.processes.checking import print_findings

    return print_findings()


def start_django() -> None:
    """Load settings and rooms; everything that touches the database calls it first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tdpf.processes.settings")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
