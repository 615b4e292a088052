"""New versions of what is offered: signed for, then let in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import AddedVersion, DatasetMetadata
from tdpf.controlplane.exchange import errors, rules
from tdpf.controlplane.exchange.models import Warranty
from tdpf.controlplane.exchange.verbs.warranties import sign_warranty_for_version, standing_offers
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services as preparation_services


def publish_version(
    *,
    actor: Standing,
    upload_uid: str,
    distribution_uid: str,
    dictionary: Sequence[Mapping[str, Any]] = (),
    key_columns: Sequence[str] = (),
    text_version: str = "",
    text_sha256: str = "",
    metadata: DatasetMetadata | None = None,
) -> AddedVersion:
    """Make an upload the latest version; where the dataset is offered, sign the warranty for it in the same act.

    With `text_version` and `text_sha256` of the warranty that was shown, one click does both; without them the
    warranty must be signed already. The signature is kept before the version comes in, so a refusal in between leaves
    a signature for data nobody sees. `metadata`, if given, describes the dataset anew together with it. Raises
    WarrantyMissing, WarrantyTextStale, ScreeningWaits, ScreeningRefused, as `members.may_sign`, and as
    `preparation.publish_upload_as_version`.
    """
    dataset = catalog.get_distribution(distribution_uid).dataset
    members.may_provide(actor, dataset.provider_id)
    if standing_offers(dataset.uid).exists():
        upload = preparation.get_upload(upload_uid, actor)
        identity = _identity(upload_uid, upload.sha256, distribution_uid, dictionary, key_columns)
        outcome = preparation.screening_outcome_for(upload.sha256, identity)
        problem = rules.screening_problem(outcome)
        if problem is not None and outcome != "missing":
            raise problem
        if not Warranty.objects.filter(dataset_id=dataset.pk, version_identity=identity).exists():
            if not text_version:
                raise errors.WarrantyMissing(count=1)
            sign_warranty_for_version(
                actor=actor,
                dataset_uid=dataset.uid,
                identity=identity,
                text_version=text_version,
                text_sha256=text_sha256,
            )
    return preparation_services.publish_upload_as_version(
        actor=actor,
        upload_uid=upload_uid,
        distribution_uid=distribution_uid,
        dictionary=dictionary,
        key_columns=key_columns,
        metadata=metadata,
    )


def _identity(
    upload_uid: str,
    sha256: str,
    distribution_uid: str,
    dictionary: Sequence[Mapping[str, Any]],
    key_columns: Sequence[str],
) -> str:
    """Return the identity the version will have: of the table to be built, or of the bytes as they are."""
    if catalog.get_distribution(distribution_uid).kind != "table":
        return sha256
    return preparation.planned_identity(upload_uid, dictionary, key_columns, distribution_uid)
