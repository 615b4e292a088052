"""Forms to connect tables that stay with their provider; what is valid is decided by `access` alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.faces.portal.forms.credentials import ShownCertificate, WebCredential, secret_field
from tdpf.faces.portal.forms.lines import lines_of, listed

_LINES = {"rows": 8, "spellcheck": "false"}
_FORMATS = [("csv", "CSV"), ("parquet", "Parquet"), ("json", "JSON"), ("ndjson", _("1行に1つのJSON"))]
FEEDS = [
    ("gtfs_rt_vehicles", _("GTFSリアルタイム: 車両の位置")), ("gtfs_rt_trips", _("GTFSリアルタイム: 便の遅れ")),
    ("gtfs_rt_alerts", _("GTFSリアルタイム: お知らせ")),
]  # fmt: skip
_ENCODINGS = [("utf-8", "UTF-8"), ("cp932", "Shift_JIS (CP932)"), ("euc-jp", "EUC-JP")]


class TableForm(forms.Form):
    """What every connected table has: its columns, its key, and how the provider's system is treated."""

    kind: ClassVar[str] = ""
    first: ClassVar[tuple[str, ...]] = ()
    limits: ClassVar[tuple[str, ...]] = ("timeout_seconds", "most_connections", "per_second", "most_rows")

    columns = forms.CharField(
        label=_("列"), widget=forms.Textarea(attrs=_LINES), required=False,
        help_text=_("1行に1つ、「名前, 型, 元の列名」。型は string、code、integer、number、boolean、date、datetime、time。ここにない列は渡しません。空のまま「列を読み取る」を押すと、いまある列を書き込みます。"),
    )  # fmt: skip
    key_columns = forms.CharField(
        label=_("行を見分ける列（カンマで区切る）"), required=False,
        help_text=_("例: 番号。あれば、1行ずつのアドレスと、速いページめくりができます。"),
    )  # fmt: skip
    timeout_seconds = forms.IntegerField(label=_("答えを待つ時間（秒）"), min_value=0, initial=10)
    most_connections = forms.IntegerField(label=_("同時につなぐ数"), min_value=0, initial=4)
    per_second = forms.IntegerField(label=_("1秒あたりの回数（0は制限なし）"), min_value=0, initial=0)
    most_rows = forms.IntegerField(label=_("一度に渡す行の上限"), min_value=0, initial=100_000)
    fresh_seconds = forms.IntegerField(label=_("これより古いものは渡さない（秒）"), min_value=0, initial=300)

    def __init__(
        self,
        *args: object,
        applications: Sequence[tuple[str, str]] = (),
        limits_before: Mapping[str, int] | None = None,
        **kwargs: object,
    ) -> None:
        """`applications` are those that may gather; `limits_before` are kept where the form does not show them."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self._limits_before = dict(limits_before or {})
        if "application" in self.fields:
            self.fields["application"].choices = list(applications)  # type: ignore[attr-defined]  # a choice field
        for name in ("timeout_seconds", "most_connections", "per_second", "most_rows", "fresh_seconds"):
            if name not in self.limits:
                del self.fields[name]

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [self[name] for name in (*self.first, "columns", "key_columns")]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """What has a good default."""
        known = {field.name for field in self.first_fields}
        return [field for field in self if field.name not in known]

    def place(self) -> dict[str, Any]:
        """Return what the kind says of its place."""
        raise NotImplementedError

    def document(self) -> dict[str, Any]:
        """Return what was typed as the document of a connection."""
        data = self.cleaned_data
        return {
            "format": 1,
            "kind": self.kind,
            **self.place(),
            "columns": [_column(line) for line in lines_of(data["columns"])],
            "key_columns": listed(data["key_columns"]),
            "limits": self._limits_before | {name: data[name] for name in self.limits},
        }


class SqlForm(ShownCertificate, TableForm):
    """A view of a database."""

    kind = "sql"
    first = ("engine", "host", "database", "relation", "statement", "account", "secret")

    engine = forms.ChoiceField(
        label=_("データベースの種類"), choices=[("postgresql", "PostgreSQL"), ("mysql", "MySQL / MariaDB")]
    )
    host = forms.CharField(label=_("サーバーの名前"), max_length=253, help_text=_("例: db.example.jp"))
    port = forms.IntegerField(label=_("ポート（0はいつもの番号）"), min_value=0, initial=0)
    database = forms.CharField(label=_("データベースの名前"), max_length=128)
    relation = forms.CharField(
        label=_("表・ビューの名前"), required=False, max_length=400, help_text=_("例: public.shelters_view")
    )
    statement = forms.CharField(
        label=_("または、SELECT文"), required=False, widget=forms.Textarea(attrs={**_LINES, "rows": 4}),
        help_text=_("一つだけ。コメントと ; は付けません。"),
    )  # fmt: skip
    account = forms.CharField(
        label=_("アカウント"), max_length=200, help_text=_("読むだけの権限を持つ、専用のアカウントにしてください。")
    )
    secret = secret_field(_("パスワード"))
    tls = forms.ChoiceField(
        label=_("通信の暗号化"),
        choices=[("verify", _("暗号化し、証明書を確かめる")), ("encrypt", _("暗号化だけする")), ("off", _("暗号化しない"))],
    )  # fmt: skip
    certificate = forms.CharField(
        label=_("信じる認証局の証明書（PEM、自前のとき）"), required=False, widget=forms.Textarea(attrs={**_LINES, "rows": 4})
    )  # fmt: skip
    area_column = forms.CharField(
        label=_("地域の列"), required=False, help_text=_("約定で地域を限るときに使う、文字かコードの列。例: 地区")
    )

    def place(self) -> dict[str, Any]:
        """Return where the view is."""
        data = self.cleaned_data
        return {
            **{name: data[name].strip() for name in ("engine", "host", "database", "relation", "statement", "tls")},
            "port": data["port"],
            "certificate": data["certificate"].strip(),
            "area_column": data["area_column"].strip(),
            "credential": self.said("basic", data["account"].strip()),
        }


class FileForm(WebCredential, TableForm):
    """A file at an address."""

    kind = "file"
    first = ("url", "file_format", "credential_kind", "account", "secret")
    limits = ("timeout_seconds", "per_second", "fresh_seconds")

    url = forms.CharField(label=_("ファイルのURL"), max_length=2000, widget=forms.URLInput)
    file_format = forms.ChoiceField(label=_("ファイルの形式"), choices=[*_FORMATS, *FEEDS])
    encoding = forms.ChoiceField(label=_("文字コード"), choices=_ENCODINGS)
    rows_at = forms.CharField(
        label=_("行の並びがある場所（JSONのとき）"), required=False, max_length=200, help_text=_("例: result.items")
    )

    def place(self) -> dict[str, Any]:
        """Return where the file is."""
        data = self.cleaned_data
        found = {name: data[name].strip() for name in ("url", "file_format", "encoding", "rows_at")}
        credential = self.credential()
        return {**found, "credential": credential} if credential else found


class GtfsForm(FileForm):
    """A GTFS Realtime feed, which is a file like another once it is connected."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["file_format"].initial = FEEDS[0][0]
        self.fields["key_columns"].initial = "entity_id"
        self.fields["fresh_seconds"].initial = 30


class BucketForm(TableForm):
    """Files in S3-compatible storage."""

    kind = "bucket"
    first = ("endpoint", "bucket", "key_prefix", "suffix", "file_format", "account", "secret")
    limits = ("timeout_seconds", "per_second", "fresh_seconds")

    endpoint = forms.CharField(
        label=_("ストレージのURL"), max_length=2000, widget=forms.URLInput,
        help_text=_("例: https://s3.ap-northeast-1.amazonaws.com"),
    )  # fmt: skip
    bucket = forms.CharField(label=_("バケットの名前"), max_length=63)
    region = forms.CharField(label=_("リージョン"), max_length=40, initial="ap-northeast-1")
    key_prefix = forms.CharField(label=_("プレフィックス（フォルダー）"), required=False, max_length=500)
    suffix = forms.CharField(label=_("名前の終わり"), required=False, max_length=100, help_text=_("例: .parquet"))
    file_format = forms.ChoiceField(label=_("ファイルの形式"), choices=_FORMATS, initial="parquet")
    encoding = forms.ChoiceField(label=_("文字コード"), choices=_ENCODINGS)
    account = forms.CharField(label=_("アクセスキーのID（公開のバケットなら空）"), required=False, max_length=200)
    secret = secret_field(_("シークレットキー"))

    def place(self) -> dict[str, Any]:
        """Return where the files are."""
        data = self.cleaned_data
        names = ("endpoint", "bucket", "region", "suffix", "file_format", "encoding")
        found = {**{name: data[name].strip() for name in names}, "prefix": data["key_prefix"].strip()}
        account = data["account"].strip()
        return {**found, "credential": {"kind": "basic", "name": account}} if account else found


class NgsiForm(WebCredential, TableForm):
    """Entities of a context broker."""

    kind = "ngsi"
    first = (
        "url",
        "version",
        "entity_type",
        "tenant",
        "service_path",
        "context",
        "credential_kind",
        "account",
        "secret",
    )

    url = forms.CharField(
        label=_("ブローカーのURL"), max_length=2000, widget=forms.URLInput,
        help_text=_("/v2 や /ngsi-ld の前まで。例: https://broker.example.jp"),
    )  # fmt: skip
    version = forms.ChoiceField(label=_("NGSIの版"), choices=[("v2", "NGSIv2"), ("ld", "NGSI-LD")])
    entity_type = forms.CharField(label=_("エンティティの型"), max_length=500, help_text=_("例: AirQualityObserved"))
    tenant = forms.CharField(label=_("テナント（Fiware-Service、NGSILD-Tenant）"), required=False, max_length=100)
    service_path = forms.CharField(label=_("サービスパス（NGSIv2のとき）"), required=False, max_length=200)
    context = forms.CharField(
        label=_("@contextのURL（NGSI-LDのとき）"), required=False, max_length=2000, widget=forms.URLInput
    )  # fmt: skip
    simplified = forms.BooleanField(label=_("値だけの形（keyValues）で問い合わせる"), required=False)
    area_column = forms.CharField(
        label=_("地域の列"), required=False, help_text=_("約定で地域を限るときに使う、文字かコードの列。例: 地区")
    )

    def place(self) -> dict[str, Any]:
        """Return where the entities are."""
        data = self.cleaned_data
        names = ("url", "version", "entity_type", "tenant", "service_path", "context", "area_column")
        found = {**{name: data[name].strip() for name in names}, "simplified": data["simplified"]}
        credential = self.credential()
        return {**found, "credential": credential} if credential else found


class GatheredForm(TableForm):
    """Several collections as one table."""

    kind = "gathered"
    first = ("how", "application", "parts")
    limits = ("timeout_seconds", "per_second")

    how = forms.ChoiceField(
        label=_("集め方"),
        choices=[("union", _("行を並べる（同じ形の表をつなげる）")), ("join", _("列を足す（キーでつなぎ合わせる）")),
                 ("first", _("はじめに答えたものを使う（予備を持つ）"))],
    )  # fmt: skip
    application = forms.ChoiceField(
        label=_("問い合わせる利用アプリ"),
        help_text=_("このアプリの約定で、それぞれのデータに問い合わせます。"),
    )
    parts = forms.CharField(
        label=_("集めるもの"), widget=forms.Textarea(attrs={**_LINES, "rows": 5}),
        help_text=_("1行に1つ、データの名前（/data/collections/ の後）。名前が違う列だけ「: 集めた列=元の列, …」を続けます。同じ名前の列は書かなくても集めます。例: north-halls: 番号=id, 名称=name"),
    )  # fmt: skip

    def place(self) -> dict[str, Any]:
        """Return what is gathered."""
        data = self.cleaned_data
        return {
            "how": data["how"], "application": data["application"].strip(),
            "parts": [_part(line) for line in lines_of(data["parts"])],
        }  # fmt: skip


TABLE_FORMS: Mapping[str, type[TableForm]] = {
    "sql": SqlForm,
    "file": FileForm,
    "gtfs": GtfsForm,
    "bucket": BucketForm,
    "ngsi": NgsiForm,
    "gathered": GatheredForm,
}
FIELD_NAMES = {
    "credential.name": "account", "credential.kind": "account", "credential.certificate": "client_certificate", "area_column": "area_column", "parts": "parts", "prefix": "key_prefix",
    **{f"limits.{name}": name for name in ("timeout_seconds", "most_connections", "per_second", "most_rows", "fresh_seconds")},
}  # fmt: skip


def initial_of_table(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a document."""
    return {
        **{name: value for name, value in document.items() if isinstance(value, str | int)},
        **document.get("limits", {}),
        "key_prefix": document.get("prefix", ""),
        "account": (document.get("credential") or {}).get("name", ""),
        "credential_kind": (document.get("credential") or {}).get("kind", ""),
        "client_certificate": (document.get("credential") or {}).get("certificate", ""),
        "columns": column_lines(
            (one["name"], one.get("type", "string"), one.get("origin", "")) for one in document.get("columns", ())
        ),
        "key_columns": ", ".join(document.get("key_columns", ())),
        "parts": "\n".join(_part_line(part) for part in document.get("parts", ())),
    }


def column_lines(columns: Iterable[tuple[str, str, str]]) -> str:
    """Return columns (name, type, name where they come from) a line each."""
    return "\n".join(", ".join(part for part in one if part) for one in columns)


def _part(line: str) -> dict[str, Any]:
    collection, _colon, rest = line.partition(":")
    pairs = (one.partition("=") for one in listed(rest))
    return {
        "collection": collection.strip(),
        "columns": {name.strip(): origin.strip() for name, _sign, origin in pairs},
    }


def _part_line(part: Mapping[str, Any]) -> str:
    pairs = ", ".join(f"{name}={origin}" for name, origin in part.get("columns", {}).items())
    return f"{part['collection']}: {pairs}" if pairs else str(part["collection"])


def _column(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.replace("、", ",").split(",", 2)]
    return {
        "name": parts[0],
        "type": parts[1] if len(parts) > 1 and parts[1] else "string",
        "origin": parts[2] if len(parts) > 2 else "",
    }
