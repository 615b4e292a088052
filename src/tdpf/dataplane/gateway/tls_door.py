"""The public door with TLS of its own: HTTP/1.1 and HTTP/2 on TCP, and HTTP/3 on UDP where that is allowed."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from tdpf.dataplane.gateway.credentials import folder_for
from tdpf.dataplane.gateway.xds import write_if_changed
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.writing import write_whole
from tdpf.wire.start_problems import CertificateUnreadable

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets."
_MANAGER = "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"
CERTIFICATE = "public"
CERTIFICATE_FILE = "certificate.json"
WARN_DAYS = 14


@dataclass(frozen=True)
class TlsDoor:
    """A port with TLS. ``certificate`` is the PEM chain, ``key`` its key; ``quic`` opens the same port for UDP."""

    port: int
    certificate: Path
    key: Path
    quic: bool = False


def check_certificate(door: TlsDoor) -> None:
    """Raise CertificateUnreadable unless both files are there and the key is the certificate's."""
    try:
        _read_pair(door)
    except (OSError, ValueError) as fault:
        raise CertificateUnreadable(path=getattr(fault, "filename", None) or str(door.certificate)) from fault


def _read_pair(door: TlsDoor) -> tuple[bytes, bytes]:
    """Return certificate and key; raises OSError, or ValueError when one is none or they do not fit."""
    chain, key = door.certificate.read_bytes(), door.key.read_bytes()
    try:
        held = serialization.load_pem_private_key(key, password=None).public_key()
    except (TypeError, UnsupportedAlgorithm) as fault:
        raise ValueError("the key cannot be used") from fault
    if x509.load_pem_x509_certificates(chain)[0].public_key() != held:
        raise ValueError("the key is not the certificate's")
    return chain, key


class ShownPair:
    """The pair a door or a node shows: a copy of the two files the settings name, taken anew whenever they have changed and fit.

    Envoy notices only files that are renamed, and two that change one after the other it reads half renewed. The copies
    are named by their content and lie where opened credentials do.
    """

    def __init__(self, door: TlsDoor, gateway_folder: Path, told: str = CERTIFICATE_FILE) -> None:
        """`told` is the file in which Envoy is told of the pair, under the name of what stands before its suffix."""
        self._door = door
        self._told = gateway_folder / "xds" / told
        self._folder = folder_for(gateway_folder / ("tls" if told == CERTIFICATE_FILE else told))
        self._seen: tuple[object, ...] = ()
        self._shown: TlsDoor | None = None
        self._lock = threading.Lock()

    def look(self) -> None:
        """Take the pair when it is another than the one shown; what cannot be read or does not fit changes nothing."""
        with self._lock:
            try:
                seen = tuple(_as_seen(path) for path in (self._door.certificate, self._door.key))
                if seen != self._seen or self._shown is None or not self._shown.key.exists():
                    self._take(*_read_pair(self._door))
            except (OSError, ValueError):
                # Half renewed, perhaps: looked at again until it fits.
                seen = ()
            self._seen = seen

    def _take(self, chain: bytes, key: bytes) -> None:
        name = sha256_hex(chain + key)[:16]
        shown = replace(self._door, certificate=self._folder / f"{name}.pem", key=self._folder / f"{name}.key")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        for path, data in ((shown.certificate, chain), (shown.key, key)):
            write_whole(path, data, mode=0o600, durable=False)
        write_if_changed(self._told, [certificate_secret(shown)])
        self._shown = shown
        self._clear_but({shown.certificate, shown.key})

    def note(self, now: float) -> str:
        """Return what to tell of the pair shown, and of the files when they cannot take its place; empty when all is well."""
        ending = ending_note(self._shown.certificate, now) if self._shown is not None else ""
        if self._seen:
            return ending
        return "; ".join(filter(None, ("the files cannot be read, or do not fit each other", ending)))

    def remove(self) -> None:
        """Remove the copies."""
        self._clear_but(set())
        with suppress(OSError):
            self._folder.rmdir()

    def _clear_but(self, kept: set[Path]) -> None:
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if path not in kept:
                    path.unlink(missing_ok=True)


def _as_seen(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def ends_at(certificate: Path) -> datetime:
    """Return when the first certificate of a PEM file ends; raises OSError or ValueError."""
    return x509.load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc


def ending_note(certificate: Path, now: float) -> str:
    """Return what to tell of a certificate that has ended, ends soon or cannot be read; empty when all is well."""
    try:
        end = ends_at(certificate)
    except (OSError, ValueError):
        return "cannot be read"
    left = end.timestamp() - now
    if left <= 0:
        return f"has ended on {end:%Y-%m-%d}"
    return f"ends on {end:%Y-%m-%d}" if left < WARN_DAYS * 86400 else ""


def certificate_secret(door: TlsDoor) -> dict[str, Any]:
    """Return where Envoy reads certificate and key, once: a renewed pair has other names."""
    return {
        "@type": _TLS + "tls.v3.Secret",
        "name": CERTIFICATE,
        "tls_certificate": {
            "certificate_chain": {"filename": str(door.certificate)},
            "private_key": {"filename": str(door.key)},
        },
    }


def tls_listeners(
    door: TlsDoor, address: dict[str, Any], manager: dict[str, Any], secrets: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the listener with TLS, and the one of QUIC; ``secrets`` says where Envoy finds ``CERTIFICATE_FILE``."""
    if door.quic:
        manager = {**manager, "http_filters": [_alternative(door.port), *manager["http_filters"]]}
    tls = _context(secrets, ("h2", "http/1.1"))
    transport = {"name": "tls", "typed_config": {"@type": _TLS + "tls.v3.DownstreamTlsContext", **tls}}
    listeners = [_listener("public-tls", {**address, "port_value": door.port}, transport, manager)]
    if door.quic:
        context = _context(secrets, ("h3",))
        kind = _TLS + "quic.v3.QuicDownstreamTransport"
        # What comes before the handshake is over can be played again, and each time would be a counted call.
        settled = {"downstream_tls_context": context, "enable_early_data": False}
        transport = {"name": "quic", "typed_config": {"@type": kind, **settled}}
        spoken = {**manager, "codec_type": "HTTP3", "http3_protocol_options": {}}
        place = {**address, "port_value": door.port, "protocol": "UDP"}
        listeners.append(
            {**_listener("public-quic", place, transport, spoken), "udp_listener_config": {"quic_options": {}}}
        )
    return listeners


def _listener(name: str, address: dict[str, Any], transport: dict[str, Any], manager: dict[str, Any]) -> dict[str, Any]:
    chain = {"transport_socket": transport, "filters": [{"name": "http", "typed_config": manager}]}
    return {
        "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
        "name": name,
        "address": {"socket_address": address},
        "filter_chains": [chain],
    }


def _context(secrets: dict[str, Any], protocols: Sequence[str]) -> dict[str, Any]:
    return {
        "common_tls_context": {
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "alpn_protocols": list(protocols),
            "tls_certificate_sds_secret_configs": [{"name": CERTIFICATE, "sds_config": secrets}],
        }
    }


def _alternative(port: int) -> dict[str, Any]:
    header = {"header": {"key": "alt-svc", "value": f'h3=":{port}"; ma=86400'}}
    told = {"append": {**header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
    return {"name": "alternative", "typed_config": {"@type": _MANAGER, "mutations": {"response_mutations": [told]}}}
