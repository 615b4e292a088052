"""Terms in every form, against golden files; the stored form and its hash hold for ever."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from golden_terms import FOLDER, rendered, sets_of_terms, stored

from tdpf.controlplane.exchange.terms import terms_from_stored
from tdpf.controlplane.exchange.warranty_texts import IN_FORCE, WARRANTIES

SETS = sets_of_terms()


@pytest.mark.parametrize("name", sorted(SETS))
def test_terms_are_rendered_as_agreed(name: str) -> None:
    """Plain Japanese, plain English, ODRL and CADDE say what the golden files say."""
    for file, text in rendered(name, SETS[name]).items():
        assert text == (FOLDER / file).read_text(), file


@pytest.mark.parametrize("name", sorted(SETS))
def test_the_stored_form_never_changes(name: str) -> None:
    """The same choices give the same bytes and the same hash in every release, and old bytes stay readable."""
    for file, text in stored(name, SETS[name]).items():
        assert text == (FOLDER / file).read_text(), f"{file} must never change: agreements are named by it"
    old = (FOLDER / f"{name}.terms.json").read_text().strip()
    assert hashlib.sha256(old.encode()).hexdigest() == (FOLDER / f"{name}.sha256").read_text().strip()
    assert terms_from_stored(old) == SETS[name]


def test_no_golden_file_is_orphaned() -> None:
    """Every golden file belongs to a set of terms, or is the warranty."""
    names = {file for name, terms in SETS.items() for file in (*rendered(name, terms), *stored(name, terms))}
    assert {path.name for path in FOLDER.iterdir()} - {"warranty.sha256"} == names


def test_odrl_has_the_shape_of_the_recommendation() -> None:
    """Each policy has what ODRL 2.2 asks for: uid, target, rules with actions, constraints with their three parts."""
    for name in SETS:
        policy = orjson.loads((FOLDER / f"{name}.odrl.json").read_text())
        assert policy["@type"] == "Offer"
        assert policy["uid"]
        assert policy["assigner"]
        assert policy["permission"]
        for rule in (*policy["permission"], *policy.get("prohibition", [])):
            assert rule["action"]
            for constraint in rule.get("constraint", []):
                assert {"leftOperand", "operator", "rightOperand"} <= set(constraint)


def test_every_warranty_text_is_the_one_that_was_signed() -> None:
    """A published warranty text is never edited; a change is a new version."""
    known = dict(line.split() for line in (FOLDER / "warranty.sha256").read_text().splitlines())
    assert {version: words.sha256 for version, words in WARRANTIES.items()} == known
    assert IN_FORCE.version in known
    for words in WARRANTIES.values():
        for needed in ("個人情報", "個人データ", "プライバシー", "名誉", "同意", "項目の意味"):
            assert needed in words.ja
        for needed in ("personal information", "personal data", "privacy", "honour", "onsent", "annotations"):
            assert needed in words.en
