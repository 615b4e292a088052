"""A small private certificate authority: its own certificate, what it signs, and what it takes back (RFC 5280)."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Clocks of two machines differ a little.
_EARLIER = timedelta(minutes=10)
# A list of what was taken back lies beside who reads it: it is as new as it can be, and must never be too old.
_LIST_HOLDS = timedelta(days=36500)

_RSA_BITS = (2048, 8192)
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority: its certificate and key, both PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate: ``pem`` holds it and its key, ``serial`` is its number in hexadecimal."""

    pem: bytes
    serial: str
    ends_at: datetime


def new_authority(name: str, *, now: datetime, days: int) -> Authority:
    """Return a new authority (P-256) that signs nothing but certificates and lists."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _named(name)
    usage = _usage(certificates=True)
    signed = (
        _builder(subject, subject, key.public_key(), now, now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(signed.public_bytes(serialization.Encoding.PEM), _pem_of(key))


def issue(authority: Authority, name: str, *, hosts: Iterable[str] = (), now: datetime, days: int) -> Issued:
    """Return a certificate for a server of these host names or, without any, for a client called ``name``.

    It ends with its authority at the latest.
    """
    parent = x509.load_pem_x509_certificate(authority.certificate)
    signer = _key_of(authority)
    key = ec.generate_private_key(ec.SECP256R1())
    names = tuple(hosts)
    use = ExtendedKeyUsageOID.SERVER_AUTH if names else ExtendedKeyUsageOID.CLIENT_AUTH
    until = min(now + timedelta(days=days), parent.not_valid_after_utc)
    signed = (
        _builder(_named(name), parent.subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in names or (name,)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM) + _pem_of(key)
    return Issued(pem, f"{signed.serial_number:x}", signed.not_valid_after_utc)


def taken_back(authority: Authority, serials: Iterable[str], *, now: datetime) -> bytes:
    """Return the authority's list (PEM) of certificates that hold no longer, by their serials in hexadecimal."""
    parent = x509.load_pem_x509_certificate(authority.certificate)
    builder = x509.CertificateRevocationListBuilder().issuer_name(parent.subject)
    builder = builder.last_update(now - _EARLIER).next_update(now + _LIST_HOLDS)
    for serial in serials:
        one = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(now - _EARLIER)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(_key_of(authority), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def fits(chain: bytes, key: bytes) -> bool:
    """Return whether both are PEM that TLS can show: the key needs no password, and is that of the first certificate."""
    try:
        certificates = _known(chain)
        if certificates[0].public_key() != _private(key).public_key():
            return False
        show(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), _written(certificates) + key_in(key))
    except (ValueError, ssl.SSLError):
        return False
    return True


def key_in(pem: bytes) -> bytes:
    """Return a private key as PKCS #8 and nothing beside it (PEM); raises ValueError when it cannot be read or needs a password."""
    return _private(pem).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificates_in(pem: bytes) -> bytes:
    """Return certificates (PEM) written anew, one below the other and nothing beside them.

    Raises ValueError when there is none, one cannot be read, or anything else is among them; and for keys that not
    everybody takes (RSA of 2048 to 8192 bits, P-256, P-384, P-521 are taken).
    """
    certificates = _known(pem)
    if pem.count(b"-----BEGIN") != len(certificates):
        raise ValueError("something else is among the certificates")
    written = _written(certificates)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=written.decode())
    except ssl.SSLError as fault:
        raise ValueError(str(fault)) from fault
    return written


def name_in(pem: bytes) -> str:
    """Return whom the first certificate (PEM) names; raises ValueError when there is none, or it names nobody."""
    names = x509.load_pem_x509_certificates(pem)[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not names:
        raise ValueError("the certificate names nobody")
    return str(names[0].value)


def are_certificates(pem: bytes) -> bool:
    """Return whether `certificates_in` takes this."""
    try:
        return bool(certificates_in(pem))
    except ValueError:
        return False


def show(context: ssl.SSLContext, pem: bytes) -> None:
    """Let a context show a certificate (chain and key in one PEM) that lies in no file; raises ssl.SSLError."""
    held = os.memfd_create("certificate")
    try:
        os.write(held, pem)
        context.load_cert_chain(f"/proc/self/fd/{held}")
    finally:
        os.close(held)


def client_context(authority: str, shown: str) -> ssl.SSLContext | None:
    """Return how a server is checked by this authority (PEM) alone and shown this certificate (chain and key, PEM).

    Either may be empty: everybody's authorities, nothing shown. None when both are.
    """
    if not authority and not shown:
        return None
    context = ssl.create_default_context(cadata=authority or None)
    if shown:
        show(context, shown.encode())
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(until)
    )


def _known(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates; raises ValueError, also when a key is of a kind that Envoy (BoringSSL) does not take."""
    try:
        certificates = x509.load_pem_x509_certificates(pem)
        keys = [certificate.public_key() for certificate in certificates]
    except (x509.InvalidVersion, UnsupportedAlgorithm) as fault:
        raise ValueError(str(fault)) from fault
    for key in keys:
        if isinstance(key, rsa.RSAPublicKey):
            taken = _RSA_BITS[0] <= key.key_size <= _RSA_BITS[1]
        else:
            taken = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)
        if not taken:
            raise ValueError("a key of another kind")
    return certificates


def _written(certificates: Iterable[x509.Certificate]) -> bytes:
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)


def _private(pem: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (TypeError, UnsupportedAlgorithm) as fault:
        raise ValueError(str(fault)) from fault


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates, key_cert_sign=certificates, crl_sign=certificates, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _key_of(authority: Authority) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(authority.key, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is of another kind")
    return key


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
