"""Forms about sites that are collected."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.federation import queries as federation
from tdpf.controlplane.federation.types import SiteFacts
from tdpf.faces.portal.context import page_language

_MOST_OPTIONS = 4000
_LARGEST_TABLE = 50_000_000


class AddressForm(forms.Form):
    """Where a catalogue may be."""

    url = forms.URLField(
        label=_("サイトのアドレス"), max_length=2000, assume_scheme="https",
        help_text=_("カタログのトップページでも、APIや一覧ファイルのアドレスでもかまいません。種類はこちらで調べます。"),
    )  # fmt: skip


class TableForm(forms.Form):
    """A table of bodies and the addresses of their catalogues."""

    table = forms.FileField(
        label=_("一覧表のファイル（CSV・Excel など）"), max_length=200,
        help_text=_("団体名と、ホームページやカタログのアドレスの列がある表（自治体の調査結果、リンク集など）。50MBまで。"),
    )  # fmt: skip

    def clean_table(self) -> UploadedFile[bytes]:
        """Refuse what no table of bodies is as large as."""
        table: UploadedFile[bytes] = self.cleaned_data["table"]
        if (table.size or 0) > _LARGEST_TABLE:
            raise forms.ValidationError(
                _("50MBより大きいファイルは読みません。団体の一覧だけのファイルにしてください。")
            )
        return table


class SiteForm(forms.Form):
    """How a site is read."""

    kind = forms.ChoiceField(label=_("種類"))
    url = forms.CharField(label=_("アドレス"), max_length=2000)
    name_ja = forms.CharField(label=_("名前"), max_length=200)
    name_en = forms.CharField(label=_("英語の名前"), max_length=200, required=False)
    slug = forms.CharField(
        label=_("短い名前"), max_length=63, required=False,
        help_text=_("ページのアドレスに使います。空ならアドレスから作ります。あとから変えられません。"),
    )  # fmt: skip
    standing = forms.ChoiceField(
        label=_("だれのデータが載っているか"), widget=forms.RadioSelect,
        choices=[("own", _("このサイトを持つ機関のデータ")), ("gathered", _("ほかの機関のデータも集めている"))],
        help_text=_("同じデータが複数のサイトにあるとき、持ち主自身のサイトのことばを表示します。"),
    )  # fmt: skip
    publisher_name = forms.CharField(
        label=_("提供機関の名前"), max_length=200, required=False, help_text=_("記録に機関名がないときに使います。")
    )
    publisher_area = forms.CharField(
        label=_("提供機関の団体コード"), max_length=6, required=False, help_text=_("6けた。例: 131032（港区）")
    )
    contact_email = forms.EmailField(
        label=_("リンク切れのお知らせ先"), required=False, help_text=_("週に1通、切れたリンクをまとめて送ります。")
    )
    every_hours = forms.IntegerField(
        label=_("何時間ごとに読むか"), required=False, min_value=1, max_value=744,
        help_text=_("書くと、下の時刻より優先します。"),
    )  # fmt: skip
    daily_hour = forms.IntegerField(label=_("毎日何時に読むか（日本時間）"), required=False, min_value=0, max_value=23)
    full_days = forms.IntegerField(
        label=_("何日ごとに全件を読み直すか"), min_value=1, max_value=365,
        help_text=_("ふだんは変わったものだけを読みます。全件を読むと、消えたデータが分かります。"),
    )  # fmt: skip
    pause_seconds = forms.FloatField(label=_("一回ごとの間（秒）"), min_value=0, max_value=60)
    run_hours = forms.IntegerField(label=_("一度の収集にかける時間の上限（時間）"), min_value=1, max_value=72)
    options = forms.CharField(
        label=_("種類ごとの設定"), required=False, max_length=_MOST_OPTIONS,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("1行に一つ「名前=値」。"),
    )  # fmt: skip
    robots_permission = forms.CharField(
        label=_("robots.txt によらず読む許可"), required=False, max_length=500,
        help_text=_("サイトの管理者から許可を得たときだけ、だれからいつ得たかを書きます。空なら robots.txt に従います。"),
    )  # fmt: skip
    allow_private = forms.BooleanField(label=_("組織内のアドレスも読む"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.kind, kind.title.in_(page_language())) for kind in federation.site_kinds()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a choice field
        if not settings.ALLOW_PRIVATE_FETCH:
            del self.fields["allow_private"]

    @staticmethod
    def initial_of(site: Any) -> dict[str, object]:
        """Return what the form shows of a site."""
        names = [name for name in SiteForm.base_fields if name != "options"]
        options = "\n".join(f"{name}={value}" for name, value in site.options.items())
        return {**{name: getattr(site, name) for name in names}, "options": options}

    def facts(self) -> SiteFacts:
        """Return the checked input as the room takes it."""
        data = dict(self.cleaned_data)
        if data["every_hours"]:
            data["daily_hour"] = None
        # A line without "=" is a name: the room says whether there is such a setting.
        lines = [line.partition("=") for line in data.pop("options").splitlines() if line.strip()]
        return SiteFacts(**data, options={name.strip(): value.strip() for name, _, value in lines})
