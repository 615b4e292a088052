"""Forms of threads, ratings, data requests and what is carried; what is valid is decided by the community alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community.types import Target
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.words import choices

REQUEST_KINDS = {
    "missing": _("まだ無いデータ（作ってほしい・公開してほしい）"),
    "unlisted": _("あるはずだが、どこの目録にも見つからないデータ"),
    "format": _("公開されているが、形式が使いにくいデータ（PDFをCSVに、など）"),
}
STEPS = {
    "review": _("確認中にする"), "promised": _("公開予定"), "published": _("公開済み"), "not_possible": _("公開できない"),
}  # fmt: skip


class _Words(forms.Form):
    """A form that a visitor without an account may send too: then it asks for a mail address."""

    name = forms.CharField(
        label=_("お名前（公開されます）"), required=False, max_length=100, help_text=_("空でもかまいません。")
    )
    email = forms.EmailField(
        label=_("メールアドレス（公開されません）"), max_length=254,
        help_text=_("確認のリンクと、回答のお知らせだけに使います。リンクを開くまで、投稿は届きません。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip

    def __init__(self, *args: object, signed_in: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        if signed_in:
            del self.fields["name"], self.fields["email"]


class FeedbackForm(_Words):
    """A question, a correction or a reuse."""

    field_order = (
        "title",
        "reuse_kind",
        "url",
        "place",
        "row",
        "column",
        "current",
        "proposed",
        "text",
        "name",
        "email",
    )

    title = forms.CharField(label=_("活用の名前"), max_length=200)
    reuse_kind = forms.ChoiceField(label=_("使い道"))
    url = forms.CharField(
        label=_("ページのURL"), required=False, max_length=1000, widget=forms.URLInput(attrs={"inputmode": "url"})
    )
    place = forms.CharField(
        label=_("どこ（施設や場所の名前）"), required=False, max_length=500, help_text=_("例: 中央公園のトイレ")
    )
    row = forms.CharField(label=_("行の番号やID"), required=False, max_length=500)
    column = forms.CharField(label=_("項目（列）"), required=False, max_length=500, help_text=_("例: 利用開始時間"))
    current = forms.CharField(label=_("いまの値"), required=False, max_length=500)
    proposed = forms.CharField(label=_("正しいと思う値"), required=False, max_length=500)
    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: object, kind: str, columns: Sequence[str] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        gone = {
            "question": ("title", "reuse_kind", "url", "place", "row", "column", "current", "proposed"),
            "correction": ("title", "reuse_kind", "url"),
            "reuse": ("place", "row", "column", "current", "proposed"),
        }[kind]
        for name in gone:
            del self.fields[name]
        labels = {"question": _("質問"), "correction": _("くわしく"), "reuse": _("どのように使っていますか")}
        self.fields["text"].label = labels[kind]
        if kind == "reuse":
            shown = [(code, words.in_(page_language())) for code, words in community.REUSE_KINDS.items()]
            self.fields["reuse_kind"].choices = shown  # type: ignore[attr-defined]  # a choice field
        if kind == "correction":
            self.fields["text"].required = False
            if columns:
                shown = [("", str(_("（選ばない）"))), *((name, name) for name in columns)]
                self.fields["column"] = forms.ChoiceField(label=_("項目（列）"), required=False, choices=shown)

    def target(self) -> Target:
        """Return where a correction points."""
        data = self.cleaned_data
        return Target(**{name: data.get(name, "") for name in ("place", "row", "column", "current", "proposed")})


class RatingForm(forms.Form):
    """One to five, with a word."""

    points = forms.TypedChoiceField(
        label=_("評価"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, _("5 とても役に立つ")), (4, "4"), (3, _("3 ふつう")), (2, "2"), (1, _("1 使えない"))],
    )  # fmt: skip
    word = forms.CharField(label=_("ひとこと"), required=False, max_length=200)


class SayForm(forms.Form):
    """Some words."""

    text = forms.CharField(label=_("ことば"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class DataRequestForm(_Words):
    """A wish for data."""

    field_order = ("title", "kind", "text", "use", "holder_name", "wanted_format", "name", "email")

    title = forms.CharField(
        label=_("どんなデータがほしいですか"), max_length=200, help_text=_("例: 区内の公園の遊具の一覧")
    )
    kind = forms.ChoiceField(label=_("いまの様子"), widget=forms.RadioSelect, choices=list(REQUEST_KINDS.items()))
    text = forms.CharField(
        label=_("くわしく"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("ほしい項目、地域、期間、細かさなど。"),
    )  # fmt: skip
    use = forms.CharField(
        label=_("何に使いますか"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("持ち主に伝えます。くわしいほど、公開につながりやすくなります。"),
    )  # fmt: skip
    holder_name = forms.CharField(label=_("持っていそうなところ"), required=False, max_length=200)
    wanted_format = forms.CharField(label=_("ほしい形式"), required=False, max_length=40, help_text=_("例: CSV"))

    def __init__(self, *args: object, for_dataset: bool, similar: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        if for_dataset:
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["kind"].initial = "format"
            self.fields["wanted_format"].required = True
            del self.fields["holder_name"]
        else:
            self.fields["kind"].choices = list(REQUEST_KINDS.items())[:2]  # type: ignore[attr-defined]  # a choice field
            del self.fields["wanted_format"]
        self.fields["title"].widget.attrs |= {
            "hx-get": similar, "hx-trigger": "input changed delay:400ms", "hx-target": "#similar", "autocomplete": "off",
        }  # fmt: skip


class VoteForm(_Words):
    """A visitor's vote."""

    field_order = ("email",)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, signed_in=False, **kwargs)
        del self.fields["name"]


class AnswerForm(forms.Form):
    """A holder's answer on the page that needs no account; the answer itself is the button that was pressed."""

    text = forms.CharField(
        label=_("ことば"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("公開のページに出ます。断る場合は理由を書いてください。"),
    )  # fmt: skip
    url = forms.CharField(
        label=_("公開しているページのURL"),
        required=False,
        max_length=1000,
        widget=forms.URLInput(attrs={"inputmode": "url"}),
    )
    name = forms.CharField(
        label=_("回答する方（部署名など）"), required=False, max_length=200, help_text=_("公開のページに出ます。")
    )

    def __init__(self, *args: object, of_request: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        if not of_request:
            del self.fields["url"]


class ErrandForm(forms.Form):
    """To whom something is carried."""

    recipient_name = forms.CharField(label=_("宛先の名前"), max_length=200)
    email = forms.EmailField(label=_("宛先のメールアドレス"), max_length=254)
    message = forms.CharField(
        label=_("運営者からのことば"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    language = forms.ChoiceField(label=_("メールの言語"), choices=[("ja", "日本語"), ("en", "English")])


class StepForm(forms.Form):
    """Where a data request stands, told by the operator."""

    step = forms.ChoiceField(label=_("次の段階"))
    text = forms.CharField(label=_("ことば"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    url = forms.CharField(label=_("公開しているページのURL"), required=False, max_length=1000)

    def __init__(self, *args: object, steps: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["step"].choices = [(code, STEPS[code]) for code in steps if code in STEPS]  # type: ignore[attr-defined]  # a choice field


class MergeForm(forms.Form):
    """Into which request another one goes."""

    into = forms.CharField(
        label=_("まとめ先のリクエスト"), max_length=300, help_text=_("まとめ先のページのURLか番号を貼ってください。")
    )


class HideForm(forms.Form):
    """Why something is hidden."""

    reason = forms.CharField(
        label=_("隠す理由（記録に残ります）"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


PACES = [("once", _("すぐに")), ("daily", _("毎朝まとめて")), ("weekly", _("月曜の朝まとめて"))]


class FollowForm(forms.Form):
    """A theme to be told of."""

    name = forms.ChoiceField(label=_("分野"))
    pace = forms.ChoiceField(label=_("受け取り方"), choices=PACES, initial="daily")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["name"].choices = choices("themes")  # type: ignore[attr-defined]  # a choice field


class WebhookForm(forms.Form):
    """An address to be called."""

    url = forms.CharField(
        label=_("呼び出すURL"), max_length=1000, help_text=_("https:// で始まる、インターネットに公開されたURL。"),
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip


class PlannedChangeForm(forms.Form):
    """A change of columns that is to come."""

    effective_on = forms.DateField(label=_("変わる日"), widget=forms.DateInput(attrs={"type": "date"}))
    columns_removed = forms.CharField(
        label=_("なくなる列"), required=False, max_length=20000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行に一つずつ書いてください。"),
    )  # fmt: skip
    columns_added = forms.CharField(
        label=_("増える列"), required=False, max_length=20000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行に一つずつ書いてください。"),
    )  # fmt: skip
    text = forms.CharField(
        label=_("説明"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("わけや、代わりの列など。"),
    )  # fmt: skip

    def given(self) -> dict[str, Any]:
        """Return what was typed as the community takes it."""
        data = dict(self.cleaned_data)
        for name in ("columns_removed", "columns_added"):
            data[name] = data[name].splitlines()
        return data
