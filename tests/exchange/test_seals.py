"""What was sealed cannot be changed, not even past the services."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, models, transaction
from exchange_scene import Shelf

from tdpf.controlplane.exchange import queries
from tdpf.controlplane.exchange.models import Agreement, OfferRevision, Request, Warranty, WarrantyText
from tdpf.controlplane.exchange.types import AgreementView
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db

GUARDED: dict[str, tuple[str, ...]] = importlib.import_module(
    "tdpf.controlplane.exchange.migrations.0004_seal_areas"
).SEALED
LIVING = {
    "state", "suspended_at", "suspension_reason", "breach_reported_at", "breach_text", "ended_at", "end_cause",
    "ended_reason",
}  # fmt: skip


@pytest.mark.parametrize("model", [Agreement, OfferRevision, WarrantyText, Warranty])
def test_every_column_but_the_living_ones_is_guarded(model: type[models.Model]) -> None:
    """A new column of a sealed table is either part of its life or under the seal."""
    columns = {field.column for field in model._meta.concrete_fields}
    assert columns - LIVING == set(GUARDED[model._meta.db_table])


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_the_triggers_survive_all_migrations(table: str) -> None:
    """SQLite forgets triggers when Django rebuilds a table; a migration that does so must set them again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = %s", [f"{table}_sealed"]
            )
        else:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = %s", [f"{table}_sealed"])
        assert cursor.fetchone() == (1,)


def refused(change: Callable[[], object]) -> None:
    """Check that the database refuses a change."""
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        change()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sealed", "{}"),
        ("sha256", "0" * 64),
        ("columns", ["すべて"]),
        ("quota_day", 10**9),
        ("quota_month", 0),
        ("rate_plan", "r100"),
        ("notice_days", 1),
        ("starts_on", "2020-01-01"),
        ("ends_on", "2099-12-31"),
        ("application_uid", "someone-else"),
        ("uid", "other"),
    ],
)
def test_an_agreement_cannot_be_rewritten(agreement: AgreementView, column: str, value: object) -> None:
    """Neither by the ORM nor by SQL; and nothing else of the row changes with it."""
    rows = Agreement.objects.filter(uid=agreement.uid)
    refused(lambda: rows.update(**{column: value}))
    row = rows.get()
    setattr(row, column, value)
    refused(row.save)
    assert rows.get().sealed == agreement.sealed


def test_sides_and_dataset_cannot_be_exchanged(agreement: AgreementView) -> None:
    """The foreign keys are under the seal too."""
    row = Agreement.objects.get(uid=agreement.uid)
    refused(lambda: Agreement.objects.update(consumer_id=row.provider_id))
    refused(lambda: Agreement.objects.update(provider_id=row.consumer_id))
    refused(lambda: Agreement.objects.update(sealed_at=now()))


def test_life_goes_on_but_not_back(agreement: AgreementView) -> None:
    """The state may change; what has ended stays ended."""
    Agreement.objects.update(state="suspended")
    Agreement.objects.update(state="ended", ended_at=now())
    refused(lambda: Agreement.objects.update(state="active"))


def test_a_seal_that_was_broken_past_the_database_is_found(agreement: AgreementView) -> None:
    """Someone with the keys to the database may drop a trigger; the hash still tells."""
    assert queries.broken_seals() == []
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON exchange_agreement"
        cursor.execute(f"DROP TRIGGER exchange_agreement_sealed{on}")
    Agreement.objects.update(sealed=agreement.sealed.replace("1,000", "9,000"))
    assert queries.broken_seals() == [f"agreement:{agreement.uid}"]


def test_terms_and_warranties_cannot_be_rewritten(shelf: Shelf, agreement: AgreementView) -> None:
    """Revisions of terms, warranty texts and signatures are evidence."""
    refused(lambda: OfferRevision.objects.update(terms="{}"))
    refused(lambda: OfferRevision.objects.update(terms_sha256="0" * 64))
    refused(lambda: WarrantyText.objects.update(text_ja="何も保証しません"))
    refused(lambda: Warranty.objects.update(version_identity="0" * 64))
    refused(lambda: Warranty.objects.update(signed_at=now()))


def test_an_agreement_points_at_what_stays(agreement: AgreementView) -> None:
    """The request behind an agreement cannot be deleted."""
    with pytest.raises(models.ProtectedError):
        Request.objects.get(uid=agreement.request_uid).delete()
