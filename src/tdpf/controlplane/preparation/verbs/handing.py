"""Writes about what a finished workpiece becomes: an upload to be published, a recipe for the next edition."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, workpiece_rules
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import answer_in
from tdpf.controlplane.preparation.models import KeptMerge, StoredRecipe, Upload, Workpiece
from tdpf.controlplane.preparation.reads.recipes import stored_recipe
from tdpf.controlplane.preparation.reads.workpieces import (
    published_file,
    result_file,
    workpiece_at,
    workpiece_folder,
)
from tdpf.controlplane.preparation.types import WorkpieceState
from tdpf.controlplane.preparation.verbs.reading import ask_to_read
from tdpf.controlplane.preparation.verbs.receiving import upload_file_whole
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now

_PIECE = 4 * 1024 * 1024


def hand_on_workpiece(*, actor: Standing, address: str) -> Upload:
    """Hand the prepared table in as the party's upload and have it read, to be published like any other; its recipe is kept.

    Raises WorkpieceUnknown, WorkpieceBusy, PersonalDataFound when confirmed personal data are in the table, and what `upload_file_whole` raises. Announces WorkpieceHandedOn.
    """
    row = workpiece_at(address, actor)
    workpiece_rules.must_be_idle(row.state, least=WorkpieceState.FINISHED, reached=row.reached)
    if row.party_id is None:
        raise errors.WorkpieceUnknown
    workpiece_rules.must_hold_no_persons((answer_in(workpiece_folder(row.uid), "finish") or {}).get("confirmed", ()))
    store_recipe(actor=actor, address=address, title="")
    path = published_file(row)
    with path.open("rb") as file:
        upload = upload_file_whole(
            actor=actor,
            party_id=row.party_id,
            file_name=f"{load_schema(row.schema).title}.csv",
            size=path.stat().st_size,
            pieces=iter(lambda: file.read(_PIECE), b""),
            media_type="text/csv",
        )
    with transaction.atomic():
        Workpiece.objects.filter(pk=row.pk).update(upload=upload, touched_at=now())
        Upload.objects.filter(pk=upload.pk).update(prepared=_prepared(row))
        # Kept before it was ever handed on: what becomes of this upload is the dataset that renews itself.
        KeptMerge.objects.filter(workpieces=row, upload=None).update(upload=upload)
        announce(
            events.WorkpieceHandedOn(
                actor=actor.actor,
                subject=f"workpiece:{row.uid}",
                workpiece_uid=row.uid,
                party_id=row.party_id,
                upload_uid=upload.uid,
            )
        )
        ask_to_read(actor=actor, upload_uid=upload.uid)
    return upload


@transaction.atomic
def store_recipe(*, actor: Standing, address: str, title: str) -> StoredRecipe:
    """Keep a finished workpiece's recipe for the next edition of the file; the same recipe is kept once. Announces RecipeStored."""
    row = workpiece_at(address, actor)
    if row.party_id is None:
        raise errors.WorkpieceUnknown
    members.may_edit(actor, row.party_id)
    document = result_file(row, "recipe.yaml").read_text(encoding="utf-8")
    recipe = from_yaml(document)
    stored, made = StoredRecipe.objects.get_or_create(
        party_id=row.party_id,
        sha256=recipe.sha256,
        defaults={
            "member_id": actor.member_id,
            "title": (title.strip() or recipe.title)[:200],
            "schema": recipe.schema,
            "document": document,
            "files": [entry.file for entry in recipe.inputs],
        },
    )
    if made:
        announce(
            events.RecipeStored(
                actor=actor.actor,
                subject=f"recipe:{stored.uid}",
                recipe_uid=stored.uid,
                party_id=row.party_id,
                schema=stored.schema,
                sha256=stored.sha256,
            )
        )
    return stored


@transaction.atomic
def erase_recipe(*, actor: Standing, recipe_uid: str) -> None:
    """Forget a stored recipe; what was made with it stays. Raises RecipeUnknown."""
    row = stored_recipe(recipe_uid, actor)
    members.may_edit(actor, row.party_id)
    row.delete()


def _prepared(row: Workpiece) -> dict[str, Any]:
    """Return how a workpiece's table was made, for the record of the version that is made of it."""
    told = answer_in(workpiece_folder(row.uid), "finish") or {}
    recipe = result_file(row, "recipe.yaml").read_text(encoding="utf-8")
    return {
        "recipe": recipe,
        "recipe_sha256": str(told.get("recipe_sha256", "")),
        "engine": str(told.get("engine", "")),
        "key": str(told.get("key", "")),
        "schema": row.schema,
        "inputs": [{"file": entry["name"], "sha256": entry["sha256"]} for entry in row.files],
        "merge": row.merge.uid if row.merge else "",
    }
