"""The English words: compiled right, and none missing."""

from __future__ import annotations

import ast
import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path

import allauth
import pytest
from django.utils import translation
from django.utils.translation.template import templatize

from tdpf.faces.portal import catalogue

ROOM = Path(catalogue.__file__).parent
_CALL = re.compile(r"""gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
_CALLED = {"_", "gettext", "gettext_lazy"}


def _asked_for() -> Iterator[str]:
    for file in (*ROOM.rglob("*.html"), *ROOM.rglob("templates/**/*.txt")):
        for found in _CALL.finditer(templatize(file.read_text(encoding="utf-8"))):
            yield ast.literal_eval(found.group(1))
    for file in (*ROOM.rglob("*.py"), ROOM.parents[1] / "controlplane/members/sign_up_form.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLED):
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield node.args[0].value


def test_every_japanese_sentence_of_the_pages_has_its_english() -> None:
    known = catalogue.read_po((ROOM / "locale/en/LC_MESSAGES/django.po").read_text(encoding="utf-8"))
    missing = sorted({text for text in _asked_for() if _JAPANESE.search(text)} - known.keys())
    assert missing == []
    assert len(known) > 200


def test_compiled_catalogue_is_read_by_gettext() -> None:
    text = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "さがす"
msgstr "Find"

msgctxt "door"
msgid "だす"
msgstr ""
"Pro"
"vide"

#, fuzzy
msgid "古い"
msgstr "stale"
"""
    compiled = gettext.GNUTranslations(io.BytesIO(catalogue.write_mo(catalogue.read_po(text))))
    assert compiled.gettext("さがす") == "Find"
    assert compiled.pgettext("door", "だす") == "Provide"
    assert compiled.gettext("古い") == "古い"


def test_a_broken_line_is_named() -> None:
    with pytest.raises(catalogue.CatalogueFault, match="line 2"):
        catalogue.read_po('msgid "a"\nnonsense\n')


def test_compiling_again_does_nothing(tmp_path: Path) -> None:
    assert [file.name for file in catalogue.compile_catalogues(tmp_path)] == ["django.mo", "django.mo"]
    assert catalogue.compile_catalogues(tmp_path) == []


def test_the_words_of_accounts_are_those_of_the_glossary() -> None:
    """What allauth says in Japanese goes through our catalogue; nobody is called a user."""
    theirs = Path(allauth.__file__).parent / "locale/ja/LC_MESSAGES/django.po"
    entries = theirs.read_text(encoding="utf-8").split("\n\n")
    known = catalogue.read_po("\n\n".join(entry for entry in entries if "_plural" not in entry and "#~" not in entry))
    with translation.override("ja"):
        told = {message: translation.gettext(message) for message in known if message and "\x04" not in message}
    assert len(told) > 100
    assert {message: words for message, words in told.items() if "ユーザ" in words} == {}
