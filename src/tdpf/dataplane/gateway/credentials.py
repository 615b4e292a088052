"""Credentials of providers' APIs: opened here, and given to Envoy by files that lie in memory where the system has such a place."""

import base64
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from tdpf.dataplane.snapshots import read_secret
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.writing import write_whole
from tdpf.wire.codec import MalformedMessage, from_json
from tdpf.wire.sealing import Unsealable, unseal
from tdpf.wire.sources import ApiCredential, ApiSource

_log = logging.getLogger(__name__)

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is ours alone
KEY_FILE = "sources.key"


def folder_for(gateway_folder: Path) -> Path:
    """Return where the opened credentials of a gateway lie: in memory, else beside its configuration."""
    if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK):
        return _IN_MEMORY / f"tdpf-{os.getuid()}-{sha256_hex(str(gateway_folder.absolute()).encode())[:16]}"
    return gateway_folder / "credentials"


class CredentialFiles:
    """One file for each API that asks for a credential, readable by this account only."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self._folder = folder
        self._key_file = key_file
        self._written: dict[str, tuple[str, ApiCredential, Path]] = {}

    def open_all(self, sources: Iterable[ApiSource]) -> dict[str, tuple[ApiCredential, Path]]:
        """Return each API's credential and its file, by ``source``; what cannot be opened is left out and told."""
        wanted = {source.source: source for source in sources if source.credential}
        for gone in [name for name in self._written if name not in wanted]:
            del self._written[gone]
        for name, source in wanted.items():
            known = self._written.get(name)
            if known is not None and known[0] == source.credential and known[2].exists():
                continue
            try:
                key = bytes.fromhex(read_secret(self._key_file))
                credential = from_json(ApiCredential, unseal(key, source.credential, bound_to=source.source))
            except (OSError, ValueError, Unsealable, MalformedMessage) as fault:
                _log.warning("the credential of %s cannot be opened: %s", source.address, type(fault).__name__)
                self._written.pop(name, None)
                continue
            self._written[name] = (source.credential, credential, self._write(name, credential))
        self._clear_but({path for _, _, path in self._written.values()})
        return {name: (credential, path) for name, (_, credential, path) in self._written.items()}

    def _clear_but(self, kept: set[Path]) -> None:
        """Remove what was left: by credentials that changed, and by an agent that was killed."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if path not in kept:
                    path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove every file, and the folder with them."""
        self._written.clear()
        self._clear_but(set())
        with suppress(OSError):
            self._folder.rmdir()

    def _write(self, name: str, credential: ApiCredential) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        # Named by its content: Envoy reads a file once, with the cluster that names it.
        path = self._folder / f"{name}-{sha256_hex(orjson.dumps(credential))[:16]}.json"
        secret = {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
            "name": "credential",
            **_kept(credential),
        }
        write_whole(path, orjson.dumps({"resources": [secret]}), mode=0o600, durable=False)
        return path


def _kept(credential: ApiCredential) -> dict[str, Any]:
    if credential.kind == "certificate":
        chain, key = {"inline_string": credential.certificate}, {"inline_string": credential.value}
        return {"tls_certificate": {"certificate_chain": chain, "private_key": key}}
    return {"generic_secret": {"secret": {"inline_string": _sent(credential)}}}


def _sent(credential: ApiCredential) -> str:
    """Return what goes to the provider: the value itself, or name and password as RFC 7617 has them."""
    if credential.kind == "basic":
        return "Basic " + base64.b64encode(f"{credential.name}:{credential.value}".encode()).decode()
    return credential.value
