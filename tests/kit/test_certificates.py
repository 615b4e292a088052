"""What is taken as certificates is what the gateway takes too."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tdpf.kit.certificates import are_certificates, certificates_in, fits

NOW = datetime(2026, 11, 27, tzinfo=UTC)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(key: Key) -> bytes:
    """Return a certificate of a key, signed by itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a city")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pem_of(key: Key) -> bytes:
    """Return a private key as PEM."""
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def test_certificates_that_the_gateway_refuses_are_none() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    good = certificate(key)
    assert are_certificates(good)
    assert are_certificates(b"subject=CN = a city\n" + good + b"\n" + good.replace(b"\n", b"\r\n"))
    assert are_certificates(certificate(rsa.generate_private_key(65537, 2048)))
    weak = (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP256K1()))
    half = good[: len(good) // 2] + b"\n"
    revoked = good.replace(b"CERTIFICATE", b"X509 CRL")
    refused = [*map(certificate, weak), good + half, good + revoked, good + pem_of(key), b"", half]
    assert [are_certificates(pem) for pem in refused] == [False] * len(refused)
    # It is kept as it was read, so that the gateway reads the same.
    assert certificates_in(b"a word\n" + good.strip() + good) == good + good
    assert not fits(certificate(weak[0]), pem_of(weak[0]))


@pytest.mark.parametrize("version", [1, 7])
def test_a_certificate_of_an_unknown_version_is_refused_and_breaks_nothing(version: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    body = base64.b64decode(b"".join(certificate(key).splitlines()[1:-1]))
    other = body.replace(bytes.fromhex("a003020102"), bytes.fromhex("a0030201") + bytes([version]), 1)
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(other) + b"-----END CERTIFICATE-----\n"
    assert not are_certificates(pem)
    assert not fits(pem, pem_of(key))
