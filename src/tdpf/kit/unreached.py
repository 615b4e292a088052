"""Why a machine could not be reached, so that whoever owns it knows what to mend."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from tdpf.kit.text import Text

# Numbers of OpenSSL's X509_V_ERR_*: what is wrong with the certificate that the other side showed.
_CERTIFICATES = {
    9: Text("証明書がまだ有効になっていません", "its certificate is not valid yet"),
    10: Text("証明書の期限が切れています", "its certificate has expired"),
    18: Text("証明書が自分で署名したもので、信用できません", "its certificate is self-signed and cannot be trusted"),
    19: Text("証明書が、信用できない認証局のものです", "its certificate is of an authority that is not trusted"),
    20: Text(
        "証明書の発行者を確かめられません（中間証明書が足りないか、知らない認証局です）",
        "the issuer of its certificate cannot be checked (an intermediate certificate is missing, or the authority is unknown)",
    ),
    62: Text("証明書が、このホスト名のものではありません", "its certificate is for another host name"),
    64: Text("証明書が、このアドレスのものではありません", "its certificate is for another address"),
}
_CERTIFICATES[21] = _CERTIFICATES[20]


def why_unreached(fault: BaseException) -> Text:
    """Return what kept a connection from being made, from the fault or from what caused it."""
    for cause in _causes(fault):
        match cause:
            case ssl.SSLCertVerificationError():
                other = Text("証明書を確かめられません", f"its certificate: {cause.verify_message}")
                return _CERTIFICATES.get(cause.verify_code, other)
            case ssl.SSLError():
                return Text("TLSで接続できませんでした", f"no TLS connection could be made ({cause.reason})")
            case socket.gaierror():
                return Text("ホスト名が見つかりません", "the host name was not found")
            case ConnectionRefusedError():
                return Text("接続が断られました", "the connection was refused")
            case ConnectionResetError():
                return Text("接続が途中で切られました", "the connection was cut by the other side")
    return Text("接続できませんでした", f"the connection failed ({type(fault).__name__})")


def _causes(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = fault
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
