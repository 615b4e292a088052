"""What an import graph cannot see of the house, each with a small test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from tdpf.kit.errors import problem_classes

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tdpf"
STORY = (
    "members",
    "catalog",
    "community",
    "preparation",
    "exchange",
    "federation",
    "access",
    "metering",
    "billing",
    "operations",
)
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def named(path: Path) -> str:
    """Return a module's path inside the package, for test names."""
    return str(path.relative_to(SOURCE))


def our_models() -> list[type[models.Model]]:
    """Return the models of the control plane's rooms."""
    return [model for model in apps.get_models() if model.__module__.startswith("tdpf.")]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_can_be_held_in_the_head(path: Path) -> None:
    """A module past 400 lines is two modules."""
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    """Every module begins with a docstring; an `__init__` holds nothing else."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "no docstring"
    if path.name == "__init__.py":
        assert len(tree.body) == 1, "an __init__ holds only its docstring"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_words_that_say_nothing_are_not_names(path: Path) -> None:
    """No drawer for everything; no model fetched behind the imports' back; no ignore without its reason."""
    assert path.stem not in {"utils", "common", "helpers", "manager", "base", "misc", "core"}
    text = path.read_text()
    assert "get_model(" not in text
    for line in text.splitlines():
        if "# type: ignore" in line:
            reason = re.search(r"# type: ignore\[[a-z-]+(, ?[a-z-]+)*\]  # \w.{4,}", line)
            assert reason, f"a type: ignore without its code or its reason: {line.strip()}"
    for line in text.splitlines():
        if "# noqa" in line:
            reason = re.search(r"# noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*\W+\w.{6,}", line)
            assert reason, f"a noqa without its reason: {line.strip()}"


def test_foreign_keys_point_down_the_story() -> None:
    """A table knows only earlier rooms, cannot lose what it points at, and is not reached backwards."""
    assert our_models(), "no models were found"
    for model in our_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey) or field.model is not model:
                continue
            target = field.related_model
            where = f"{model._meta.label}.{field.name}"
            if not isinstance(target, str) and target.__module__.startswith("tdpf."):
                if target._meta.app_label != model._meta.app_label:
                    assert STORY.index(target._meta.app_label) < STORY.index(model._meta.app_label), where
                    assert field.remote_field.hidden, f"{where} needs related_name='+'"
                assert field.remote_field.on_delete in (models.PROTECT, models.CASCADE), where
                if target._meta.app_label != model._meta.app_label:
                    assert field.remote_field.on_delete is models.PROTECT, where


@pytest.mark.django_db(databases=["default", "ledger"])
def test_no_migration_is_missing() -> None:
    """The tables of the models and of the migrations are the same."""
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_problem_speaks_both_languages() -> None:
    """Each problem has a code that names its room, and says what was wrong and how to mend it in two languages."""
    classes = problem_classes()
    assert len(classes) > 20
    for code, problem in classes.items():
        assert re.fullmatch(r"[a-z]+/[a-z0-9-]+", code), code
        assert 400 <= problem.status <= 599, code
        for text in (problem.title, problem.detail, problem.cure):
            assert re.search(r"[ぁ-んァ-ン一-龯]", text.ja), f"{code}: Japanese is missing"
            assert text.en, f"{code}: English is missing"
            assert not re.search(r"[ぁ-ん]", text.en), f"{code}: the English is Japanese"
            assert set(re.findall(r"{(\w+)}", text.ja)) == set(re.findall(r"{(\w+)}", text.en)) or "_ja}" in text.ja, (
                code
            )
