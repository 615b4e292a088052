"""`tdpf node`: gateways and deliveries on other machines: their certificates, and taking one back."""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

from tdpf.kit.home import Home, home

MOST_DAYS = 3650
NODE_DAYS = 397
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_FORM = "tdpf-node/1"
_SECRETS = ("node.secret", "snapshot.pub")
_SOURCES_KEY = "sources.key"


def add_node(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to the grammar."""
    node = commands.add_parser("node", help="let gateways and deliveries of other machines in, or take that back")
    inner = node.add_subparsers(required=True, metavar="add|list|revoke|join")
    add = inner.add_parser("add", help="make or renew a node's certificate; the first time the authority and the door")
    add.add_argument("name", help="of the node: a-z, 0-9, hyphen")
    add.add_argument("--out", required=True, type=Path, metavar="FILE", help="what the node is given; keep it secret")
    add.add_argument("--days", type=int, default=NODE_DAYS, help=f"how long it holds ({NODE_DAYS})")
    add.add_argument(
        "--sources", action="store_true", help="also the key of providers' secrets: the node asks connected sources"
    )
    add.set_defaults(run=lambda arguments: _add(home().prepare(), arguments))
    shown = inner.add_parser("list", help="print every certificate that was made")
    shown.set_defaults(run=lambda _: _list(home().prepare()))
    revoke = inner.add_parser("revoke", help="take back every certificate of a node; acts within two seconds")
    revoke.add_argument("name")
    revoke.set_defaults(run=lambda arguments: _revoke(home().prepare(), arguments.name))
    join = inner.add_parser("join", help="on the node: take in what `tdpf node add` made, also a renewed one")
    join.add_argument("file", type=Path, metavar="FILE")
    join.set_defaults(run=lambda arguments: _join(home().prepare(), arguments.file))


def _add(place: Home, arguments: argparse.Namespace) -> int:
    from tdpf.kit.clock import now
    from tdpf.processes.node_authority import authority_of, issue_for_node, write_closed
    from tdpf.processes.secrets import secret

    if not _NAME.match(arguments.name) or not 1 <= arguments.days <= MOST_DAYS:
        print(
            f"名前は a-z、0-9、- で、日数は1〜{MOST_DAYS}です / a name of a-z, 0-9 and -, 1 to {MOST_DAYS} days",
            file=sys.stderr,
        )
        return 2
    secret(place, "node.secret")
    wanted = (*_SECRETS, *([_SOURCES_KEY] if arguments.sources else []))
    missing = [name for name in wanted if not (place.secrets / name).exists()]
    if missing:
        print(
            f"{', '.join(missing)} がまだありません。一度 tdpf run all で動かしてください / not there yet: run tdpf run all once",
            file=sys.stderr,
        )
        return 1
    made = issue_for_node(place, arguments.name, now=now(), days=arguments.days)
    authority = authority_of(place, now=now())
    given = {
        "form": _FORM,
        "name": arguments.name,
        "authority": authority.certificate.decode(),
        "pair": made.pem.decode(),
        "secrets": {name: base64.b64encode((place.secrets / name).read_bytes()).decode() for name in wanted},
    }
    write_closed(arguments.out, json.dumps(given).encode())
    print(
        f"{arguments.out}: {arguments.name}, {made.serial}, {made.ends_at:%Y-%m-%d} まで / until."
        f" ノードで tdpf node join {arguments.out.name} / on the node: tdpf node join {arguments.out.name}"
    )
    return 0


def _list(place: Home) -> int:
    from tdpf.processes.node_authority import certificates_of_nodes

    for entry in certificates_of_nodes(place):
        said = f"\t取り消し / revoked {entry.revoked_at}" if entry.revoked_at else ""
        print(f"{entry.name}\t{entry.serial}\t{entry.ends_at}{said}")
    return 0


def _revoke(place: Home, name: str) -> int:
    from tdpf.kit.clock import now
    from tdpf.processes.node_authority import revoke_node

    revoked = revoke_node(place, name, now=now())
    if not revoked:
        print(f"{name}: 有効な証明書はありません / it has no certificate that holds", file=sys.stderr)
        return 1
    print(f"{name}: {revoked} 件を取り消しました / revoked {revoked}")
    return 0


def _join(place: Home, file: Path) -> int:
    from tdpf.dataplane.control_door import AUTHORITY_FILE, PAIR_FILE, node_folder
    from tdpf.kit.certificates import are_certificates, fits
    from tdpf.processes.node_authority import write_closed

    try:
        given = json.loads(file.read_bytes())
        pair, authority = given["pair"].encode(), given["authority"].encode()
        secrets = {
            name: base64.b64decode(given["secrets"][name])
            for name in (*_SECRETS, _SOURCES_KEY)
            if name in given["secrets"]
        }
        good = (
            given["form"] == _FORM
            and fits(pair, pair)
            and are_certificates(authority)
            and set(_SECRETS) <= set(secrets)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        good = False
    if not good:
        print(f"{file}: tdpf node add が作ったものではありません / not what `tdpf node add` makes", file=sys.stderr)
        return 1
    for name, data in secrets.items():
        write_closed(place.secrets / name, data)
    folder = node_folder(place)
    folder.mkdir(mode=0o700, exist_ok=True)
    write_closed(folder / AUTHORITY_FILE, authority)
    write_closed(folder / PAIR_FILE, pair)
    print(f"{given['name']}: {folder}")
    return 0
