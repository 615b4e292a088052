"""Forms about organisations and their members."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind

KIND_LABELS = {
    OrganizationKind.MUNICIPALITY: _("地方公共団体"),
    OrganizationKind.NATIONAL_BODY: _("国の機関"),
    OrganizationKind.COMPANY: _("企業"),
    OrganizationKind.UNIVERSITY: _("大学・研究機関"),
    OrganizationKind.NPO: _("NPO・その他の団体"),
}
ROLE_LABELS = {
    "administrator": _("管理者（メンバーの管理、約定、公開ができる）"),
    "editor": _("編集者（データの準備と編集ができる）"),
    "viewer": _("閲覧者（見るだけ）"),
}
ROLE_NAMES = {"administrator": _("管理者"), "editor": _("編集者"), "viewer": _("閲覧者")}


class OrganizationForm(forms.Form):
    """What an organisation says of itself when it applies."""

    kind = forms.ChoiceField(label=_("団体の種類"), choices=list(KIND_LABELS.items()), widget=forms.RadioSelect)
    name_ja = forms.CharField(label=_("団体の名前"), max_length=200)
    name_en = forms.CharField(label=_("団体の英語名"), max_length=200, required=False)
    municipality_code = forms.CharField(
        label=_("団体コード（地方公共団体の場合）"), max_length=7, required=False,
        help_text=_("6けたの全国地方公共団体コード。例: 131016（千代田区）"),
    )  # fmt: skip
    corporate_number = forms.CharField(
        label=_("法人番号（地方公共団体以外の場合）"),
        max_length=17,
        required=False,
        help_text=_("13けた。入力の誤りは自動で確かめます。"),
    )
    address = forms.CharField(label=_("所在地"), max_length=300, required=False)
    website = forms.URLField(label=_("ウェブサイト"), max_length=500, required=False, assume_scheme="https")
    contact_email = forms.EmailField(label=_("団体の連絡先メール"), required=False)
    note = forms.CharField(
        label=_("運営者への連絡"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("担当部署や、審査で伝えたいことがあれば書いてください。"),
    )  # fmt: skip

    def facts(self) -> OrganizationFacts:
        """Return the checked input as the room takes it."""
        data = self.cleaned_data
        return OrganizationFacts(
            kind=OrganizationKind(data["kind"]), name_ja=data["name_ja"], name_en=data["name_en"],
            corporate_number=data["corporate_number"], municipality_code=data["municipality_code"],
            address=data["address"], website=data["website"], contact_email=data["contact_email"],
        )  # fmt: skip


class ContactForm(forms.Form):
    """What an approved organisation may change by itself."""

    address = forms.CharField(label=_("所在地"), max_length=300, required=False)
    website = forms.URLField(label=_("ウェブサイト"), max_length=500, required=False, assume_scheme="https")
    contact_email = forms.EmailField(label=_("団体の連絡先メール"), required=False)


class InvitationForm(forms.Form):
    """Who is offered which role."""

    email = forms.EmailField(
        label=_("招く人のメールアドレス"), help_text=_("会員でない人には、登録の後で招待が届きます。")
    )
    role = forms.ChoiceField(
        label=_("役割"), choices=list(ROLE_LABELS.items()), widget=forms.RadioSelect, initial="editor"
    )


class ProfileForm(forms.Form):
    """What a member says of themselves."""

    display_name = forms.CharField(
        label=_("表示名"), max_length=100, help_text=_("データを出すとき、申し込むときに相手に見える名前です。")
    )
    name_en = forms.CharField(label=_("英語の表示名"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("メールの言語"), choices=[("ja", "日本語"), ("en", "English")])
    affiliation = forms.CharField(label=_("所属"), max_length=200, required=False)
    website = forms.URLField(label=_("ウェブサイト"), max_length=500, required=False, assume_scheme="https")
    introduction = forms.CharField(
        label=_("自己紹介"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
