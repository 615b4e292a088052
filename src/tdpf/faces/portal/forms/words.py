"""Forms about the words of search and about publishers: what operators tend."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.catalog.types import SynonymEntry

_BETWEEN = re.compile(r"[\n、,，]")


class SynonymsForm(forms.Form):
    """Words that stand for each other in searches."""

    words = forms.CharField(
        label=_("同じものを指すことば"), max_length=2500, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("1行に一つ、または「、」で区切ります。例: 粗大ごみ、大型ごみ、不用品"),
    )  # fmt: skip
    wide = forms.CharField(
        label=_("広いことば"), max_length=200, required=False,
        help_text=_("書くと一方通行になります。例: 「災害」でさがすと上の「地震、洪水」も見つかり、逆は見つかりません。"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("覚え書き"), max_length=300, required=False, help_text=_("なぜ加えたか。運営者だけが見ます。")
    )
    query = forms.CharField(
        label=_("試すことば"), max_length=200, required=False,
        help_text=_("保存する前に、このことばで何が見つかるようになるかを試せます。空なら、はじめのことばで試します。"),
    )  # fmt: skip

    @staticmethod
    def initial_of(entry: SynonymEntry) -> dict[str, str]:
        """Return what the form shows of a group."""
        return {"words": "\n".join(entry.words), "wide": entry.wide, "note": entry.note}

    def group(self) -> dict[str, Any]:
        """Return the group as the catalogue takes it."""
        data = self.cleaned_data
        return {"words": [word for word in _BETWEEN.split(data["words"]) if word.strip()], "wide": data["wide"]}

    def trial(self) -> str:
        """Return the word to try the group with."""
        group = self.group()
        return str(self.cleaned_data["query"] or group["wide"] or next(iter(group["words"]), ""))
