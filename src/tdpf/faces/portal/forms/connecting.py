"""Forms to connect a provider's API; what is valid is decided by `access` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.access.types import ImportedApi
from tdpf.faces.portal.forms.lines import lines_of, pem_of

_LINES = {"rows": 4, "spellcheck": "false"}
_LIMITS = (
    ("timeout_seconds", _("答えを待つ時間（秒）"), 15), ("retries", _("やり直しの回数（GETだけ）"), 1),
    ("most_connections", _("同時につなぐ数"), 32), ("most_waiting", _("待たせる数"), 64),
    ("errors_to_rest", _("続けて失敗したら休む回数"), 5), ("rest_seconds", _("休む時間（秒）"), 30),
    ("per_second", _("1秒あたりの回数（0は制限なし）"), 0),
    ("most_streams", _("1つの利用アプリが同時に開ける数（WebSocket・gRPC）"), 20),
    ("stream_idle_seconds", _("何も流れないときに切る時間（秒）"), 300),
)  # fmt: skip


class PartyForm(forms.Form):
    """In whose name data are offered."""

    party = forms.TypedChoiceField(label=_("だれの名前で出しますか"), coerce=int)

    def __init__(self, *args: object, parties: Sequence[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["party"].choices = list(parties)  # type: ignore[attr-defined]  # a choice field


class OpenApiForm(forms.Form):
    """An OpenAPI document to fill the form from."""

    openapi = forms.FileField(label=_("OpenAPIのファイル（JSONかYAML）"), required=False)
    openapi_url = forms.URLField(
        label=_("または、OpenAPIのURL"), required=False, max_length=2000, assume_scheme="https"
    )


class ApiForm(forms.Form):
    """The document of a connected API, a line for each thing."""

    base_url = forms.CharField(
        label=_("APIの場所（URL）"),
        max_length=2000,
        widget=forms.URLInput,
        help_text=_("例: https://api.example.jp/v2"),
    )
    operations = forms.CharField(
        label=_("使わせる操作"), widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("1行に1つ。例: GET /stations/{id} 観測所の情報。ここにないものは呼べません。WebSocketは WEBSOCKET、gRPCは GRPC（開いたままのものは GRPC_STREAM）と書きます。"),
    )  # fmt: skip
    credential_kind = forms.ChoiceField(
        label=_("APIの認証"), required=False,
        choices=[("", _("いらない")), ("header", _("ヘッダーで送るキー")), ("query", _("URLの ? のあとで送るキー")),
                 ("basic", _("IDとパスワード（Basic）")), ("oauth2", _("OAuth 2.0（client credentials）")),
                 ("certificate", _("クライアント証明書（相互TLS）"))],
    )  # fmt: skip
    credential_name = forms.CharField(
        label=_("ヘッダー・パラメータの名前、またはID"), required=False, max_length=200,
        help_text=_("例: x-api-key。OAuth 2.0では client_id。"),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("認証の値（秘密）"), required=False, max_length=8000, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("暗号化して保存し、二度と表示しません。変えないときは空のままにします。Bearerトークンは「Bearer 」から書きます。"),
    )  # fmt: skip
    token_url = forms.CharField(
        label=_("トークンを得るURL（OAuth 2.0のとき）"), required=False, max_length=2000, widget=forms.URLInput
    )
    scopes = forms.CharField(label=_("スコープ（OAuth 2.0のとき、空白で区切る）"), required=False, max_length=1000)
    certificate = forms.CharField(
        label=_("クライアント証明書（PEM）"), required=False, max_length=32_000, widget=forms.Textarea(attrs=_LINES),
        help_text=_("相互TLSのとき、証明書の連鎖。その秘密鍵（PEM）は「認証の値」に入れます。"),
    )  # fmt: skip
    authority = forms.CharField(
        label=_("サーバーの認証局（PEM）"), required=False, max_length=32_000, widget=forms.Textarea(attrs=_LINES),
        help_text=_("組織内の認証局のときだけ。書くと、その認証局だけを信じます。"),
    )  # fmt: skip
    test_path = forms.CharField(
        label=_("試すパス"),
        required=False,
        max_length=1000,
        help_text=_("例: /stations/44132。空なら、はじめの GET を試します。"),
    )
    set_request_headers = forms.CharField(
        label=_("APIへいつも送るヘッダー"), required=False, widget=forms.Textarea(attrs=_LINES),
        help_text=_("1行に1つ。例: accept: application/json"),
    )  # fmt: skip
    remove_request_headers = forms.CharField(
        label=_("APIへ送らないヘッダー"),
        required=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("1行に1つ。例: user-agent"),
    )
    set_response_headers = forms.CharField(
        label=_("答えにいつも付けるヘッダー"), required=False, widget=forms.Textarea(attrs=_LINES)
    )
    remove_response_headers = forms.CharField(
        label=_("答えから取り除くヘッダー"),
        required=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("1行に1つ。例: x-powered-by"),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        for name, label, usual in _LIMITS:
            self.fields[name] = forms.IntegerField(label=label, min_value=0, initial=usual)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [
            self[name]
            for name in ("base_url", "operations", "credential_kind", "credential_name", "secret", "test_path")
        ]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """What has a good default."""
        known = {field.name for field in self.first_fields}
        return [field for field in self if field.name not in known]

    def document(self) -> dict[str, Any]:
        """Return what was typed as the document of a connection."""
        data = self.cleaned_data
        document: dict[str, Any] = {
            "format": 1,
            "kind": "http_api",
            "base_url": data["base_url"].strip(),
            "operations": [_operation(line) for line in lines_of(data["operations"])],
            "request_headers": {"set": _headers(data["set_request_headers"]), "remove": _header_names(data["remove_request_headers"])},
            "response_headers": {"set": _headers(data["set_response_headers"]), "remove": _header_names(data["remove_response_headers"])},
            "limits": {name: data[name] for name, _label, _usual in _LIMITS},
            "test_path": data["test_path"].strip(),
            "authority": pem_of(data["authority"]),
        }  # fmt: skip
        if data["credential_kind"]:
            name = data["credential_name"].strip()
            document["credential"] = {
                "kind": data["credential_kind"],
                "name": name.lower() if data["credential_kind"] == "header" else name,
                "token_url": data["token_url"].strip() if data["credential_kind"] == "oauth2" else "",
                "scopes": data["scopes"].split() if data["credential_kind"] == "oauth2" else [],
                "certificate": pem_of(data["certificate"]) if data["credential_kind"] == "certificate" else "",
            }
        return document


FIELD_NAMES = {
    "credential.name": "credential_name", "credential.token_url": "token_url", "credential.scopes": "scopes",
    "credential.certificate": "certificate", "request_headers": "set_request_headers", "response_headers": "set_response_headers", "openapi": "openapi",
    **{f"limits.{name}": name for name, _label, _usual in _LIMITS},
}  # fmt: skip


def initial_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a document."""
    asked = document.get("credential") or {}
    found: dict[str, Any] = {
        "base_url": document.get("base_url", ""),
        "operations": "\n".join(
            " ".join(filter(None, (one["method"], one["path"], one.get("title", ""))))
            for one in document.get("operations", ())
        ),
        "credential_kind": asked.get("kind", ""),
        "credential_name": asked.get("name", ""),
        "token_url": asked.get("token_url", ""),
        "scopes": " ".join(asked.get("scopes", ())),
        "certificate": asked.get("certificate", ""),
        "authority": document.get("authority", ""),
        "test_path": document.get("test_path", ""),
        **document.get("limits", {}),
    }
    for side in ("request", "response"):
        policy = document.get(f"{side}_headers", {})
        found[f"set_{side}_headers"] = "\n".join(f"{name}: {value}" for name, value in policy.get("set", {}).items())
        found[f"remove_{side}_headers"] = "\n".join(policy.get("remove", ()))
    return found


def filled_from(imported: ImportedApi) -> dict[str, Any]:
    """Return what the form shows of an OpenAPI document."""
    asked = imported.credential
    return initial_of(
        {
            "base_url": imported.base_url,
            "operations": [{"method": one.method, "path": one.path, "title": one.title} for one in imported.operations],
            "credential": None
            if asked is None
            else {"kind": asked.kind, "name": asked.name, "token_url": asked.token_url, "scopes": asked.scopes},
        }
    )


def _operation(line: str) -> dict[str, str]:
    method, _space, rest = line.partition(" ")
    path, _space, title = rest.strip().partition(" ")
    return {"method": method.upper(), "path": path, "title": title.strip()}


def _headers(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines_of(text))
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}


def _header_names(text: str) -> list[str]:
    return [line.lower() for line in lines_of(text)]
