"""Forms of streams: what their events look like, and where they come from; what is valid is decided by `access` alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.faces.portal.forms.credentials import ShownCertificate, WebCredential, secret_field
from tdpf.faces.portal.forms.lines import lines_of, listed
from tdpf.faces.portal.forms.tables import FEEDS

_VEHICLE_COLUMNS = """vehicle_id, string, 必須
trip_id, string
route_id, string
latitude, number
longitude, number
bearing, number
speed, number
current_status, string
occupancy_status, string
timestamp, datetime"""
_KEPT = ("window_events", "most_streams")


class StreamForm(forms.Form):
    """The document of a stream, a line for each column."""

    inlet: ClassVar[str] = ""
    first: ClassVar[tuple[str, ...]] = ()
    limits: ClassVar[tuple[str, ...]] = _KEPT

    columns = forms.CharField(
        label=_("列"), widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("1行に1つ、「名前, 型, 必須, 元の場所」。型は string、integer、number、boolean、datetime。例: 人数, integer"),
    )  # fmt: skip
    key_columns = forms.CharField(
        label=_("見分ける列（カンマで区切る）"),
        required=False,
        help_text=_("例: 施設。最新の値を、この列ごとに1つ残します。"),
    )
    area_column = forms.CharField(
        label=_("地域の列"),
        required=False,
        help_text=_("約定で地域を限るときに使う列。必須の文字の列にします。例: 地区"),
    )
    window_events = forms.IntegerField(label=_("残す件数"), min_value=0, initial=10_000)
    most_streams = forms.IntegerField(label=_("1つの利用アプリが同時に開ける数"), min_value=0, initial=20)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [self[name] for name in (*self.first, "columns", "key_columns", "area_column")]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """What has a good default."""
        known = {field.name for field in self.first_fields}
        return [field for field in self if field.name not in known]

    def place(self) -> dict[str, Any]:
        """Return what the document says of where events come from."""
        return {}

    def document(self) -> dict[str, Any]:
        """Return what was typed as the document of a stream."""
        data = self.cleaned_data
        return {
            "format": 1,
            "kind": "stream",
            "columns": [_column(line) for line in lines_of(data["columns"])],
            "key_columns": listed(data["key_columns"]),
            "area_column": data["area_column"].strip(),
            **{name: data[name] for name in self.limits},
            **self.place(),
        }


class PushForm(StreamForm):
    """A stream that devices push into."""

    inlet = "push"
    limits = (*_KEPT, "per_second")

    per_second = forms.IntegerField(label=_("1台が1秒に送れる回数"), min_value=0, initial=20)
    payload = forms.ChoiceField(
        label=_("届く形"), required=False,
        choices=[("rows", _("列の名前をもつJSON")), ("ngsi_v2", _("NGSIv2の通知")), ("ngsi_ld", _("NGSI-LDの通知"))],
    )  # fmt: skip

    def place(self) -> dict[str, Any]:
        """Return in which form events are pushed."""
        return {"payload": self.cleaned_data["payload"] or "rows"}


class MqttForm(ShownCertificate, StreamForm):
    """A stream whose events are fetched from an MQTT broker."""

    inlet = "mqtt"
    first = ("host", "topics", "account", "secret")

    host = forms.CharField(label=_("ブローカーの名前"), max_length=253, help_text=_("例: mqtt.example.jp"))
    topics = forms.CharField(
        label=_("購読するトピック"), widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("1行に1つ。+ と # が使えます。例: city/+/state。列の元の場所は、本文の data.temperature や、トピックの2段目を指す $topic/2 の形です。"),
    )  # fmt: skip
    account = forms.CharField(label=_("アカウント（いらなければ空）"), required=False, max_length=200)
    secret = secret_field(_("パスワード"))
    port = forms.IntegerField(label=_("ポート"), min_value=1, initial=8883)
    tls = forms.ChoiceField(
        label=_("通信の暗号化"),
        choices=[("verify", _("暗号化し、証明書を確かめる")), ("encrypt", _("暗号化だけする")), ("off", _("暗号化しない"))],
    )  # fmt: skip
    certificate = forms.CharField(
        label=_("信じる認証局の証明書（PEM、自前のとき）"), required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )  # fmt: skip
    quality = forms.TypedChoiceField(
        label=_("届け方"), coerce=int, initial=1,
        choices=[(1, _("QoS 1（とぎれても、あとから受け取る）")), (0, _("QoS 0（とぎれたあいだは受け取らない）"))],
    )  # fmt: skip
    client_id = forms.CharField(label=_("クライアントID（決まっているときだけ）"), required=False, max_length=128)
    per_second = forms.IntegerField(label=_("1秒に受け取る件数の上限"), min_value=0, initial=500)

    def place(self) -> dict[str, Any]:
        """Return where the broker is."""
        data = self.cleaned_data
        names = ("port", "tls", "quality", "per_second")
        inlet = {
            **{name: data[name] for name in names}, "host": data["host"].strip(), "topics": lines_of(data["topics"]),
            "certificate": data["certificate"].strip(), "client_id": data["client_id"].strip(),
        }  # fmt: skip
        account = data["account"].strip()
        said = self.said("basic", account)
        return {"mqtt": inlet, "credential": said if account or "certificate" in said else None}


class FeedForm(WebCredential, StreamForm):
    """A stream of what changes in a GTFS Realtime feed."""

    inlet = "feed"
    first = ("url", "feed", "credential_kind", "account", "secret")

    url = forms.CharField(label=_("フィードのURL"), max_length=2000, widget=forms.URLInput)
    feed = forms.ChoiceField(label=_("フィードの種類"), choices=FEEDS)
    every_seconds = forms.IntegerField(label=_("確かめる間隔（秒）"), min_value=0, initial=30)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["columns"].initial = _VEHICLE_COLUMNS
        self.fields["key_columns"].initial = "vehicle_id"

    def place(self) -> dict[str, Any]:
        """Return where the feed is."""
        data = self.cleaned_data
        return {
            "feed": {"url": data["url"].strip(), "feed": data["feed"], "every_seconds": data["every_seconds"]},
            "credential": self.credential(),
        }


class DeviceTokenForm(forms.Form):
    """What a device's token is called."""

    token_name = forms.CharField(label=_("機器の名前"), max_length=120, help_text=_("例: 北小学校の入口"))


STREAM_FORMS: Mapping[str, type[StreamForm]] = {"push": PushForm, "mqtt": MqttForm, "feed": FeedForm}


def form_of_stream(document: Mapping[str, Any] | None, wished: str) -> type[StreamForm] | None:
    """Return the form for a stream as it is, else for the wished inlet; None when there is no such inlet."""
    if document is None:
        return STREAM_FORMS.get(wished or "push")
    return STREAM_FORMS[next((name for name in STREAM_FORMS if document.get(name)), "push")]


def stream_initial(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a stream's document."""
    inlet = document.get("mqtt") or document.get("feed") or {}
    asked = document.get("credential") or {}
    return {
        **{name: document.get(name, "") for name in ("area_column", *_KEPT, "per_second", "payload")},
        **inlet,
        "topics": "\n".join(inlet.get("topics", ())),
        "account": asked.get("name", ""),
        "credential_kind": asked.get("kind", ""),
        "client_certificate": asked.get("certificate", ""),
        "columns": "\n".join(
            ", ".join(
                filter(None, (one["name"], one["type"], "必須" if one.get("required") else "", one.get("origin")))
            )
            for one in document.get("columns", ())
        ),
        "key_columns": ", ".join(document.get("key_columns", ())),
    }


def stream_field_names(places: list[str]) -> dict[str, str]:
    """Return the form's field for each place in the document that has a fault."""
    found = {"credential.name": "account", "credential.kind": "account", "credential.certificate": "client_certificate"}
    for place in places:
        bare = place.partition("[")[0]
        if bare != place or "." in bare:
            found.setdefault(place, bare.rpartition(".")[2])
    return found


def _column(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.replace("、", ",").split(",", 3)]
    rest = [part for part in parts[2:] if part]
    needed = [part for part in rest if part in ("必須", "required")]
    origin = next((part for part in rest if part not in ("必須", "required")), "")
    kind = parts[1] if len(parts) > 1 and parts[1] else "string"
    return {"name": parts[0], "type": kind, "required": bool(needed), "origin": origin}
