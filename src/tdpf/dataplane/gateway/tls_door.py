"""The public door with TLS of its own: HTTP/1.1 and HTTP/2 on TCP, and HTTP/3 on UDP where that is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets."
_MANAGER = "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"
CERTIFICATE = "public"
CERTIFICATE_FILE = "certificate.json"
WARN_DAYS = 14


class CertificateUnreadable(Problem):
    """The certificate or its key is not where the settings say, or is none."""

    code: ClassVar[str] = "gateway/certificate-unreadable"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("証明書を読めません", "The certificate cannot be read")
    detail: ClassVar[Text] = Text(
        "TLSの証明書か鍵のファイル {path} を読めません。",
        "{path}, which holds the certificate or its key, cannot be read.",
    )
    cure: ClassVar[Text] = Text(
        "TDPF_TLS_CERTIFICATE と TDPF_TLS_KEY に、PEMのファイルの場所を書いてください。",
        "Let TDPF_TLS_CERTIFICATE and TDPF_TLS_KEY name PEM files that this account may read.",
    )


@dataclass(frozen=True)
class TlsDoor:
    """A port with TLS. ``certificate`` is the PEM chain, ``key`` its key; ``quic`` opens the same port for UDP."""

    port: int
    certificate: Path
    key: Path
    quic: bool = False


def check_certificate(door: TlsDoor) -> None:
    """Raise CertificateUnreadable unless both files are there and the first is a certificate."""
    try:
        ends_at(door.certificate)
        with door.key.open("rb") as stream:
            stream.read(1)
    except (OSError, ValueError) as fault:
        raise CertificateUnreadable(path=getattr(fault, "filename", None) or str(door.certificate)) from fault


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
    """Return where Envoy reads certificate and key; a renewed pair that is put in place by rename acts at once."""
    return {
        "@type": _TLS + "tls.v3.Secret",
        "name": CERTIFICATE,
        "tls_certificate": {
            "certificate_chain": {"filename": str(door.certificate)},
            "private_key": {"filename": str(door.key)},
            "watched_directory": {"path": str(door.certificate.parent)},
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
        transport = {"name": "quic", "typed_config": {"@type": kind, "downstream_tls_context": context}}
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
