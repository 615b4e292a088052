"""A dataset with one linked file, made through the catalogue's own verbs."""

from __future__ import annotations

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services


def published(slug: str, title: str, *, publish: bool = True) -> None:
    """Keep a dataset of a member of its own; without `publish` it stays a draft."""
    member = member_services.create_confirmed_member(
        email=f"{slug}@example.jp", password="a long pass phrase 7", display_name="提供する人"
    )
    member_services.set_totp_secret(member_uid=member.uid)
    actor = members.standing_of_uid(member.uid)
    metadata = DatasetMetadata(title_ja=title, description_ja="検査のための説明です。", contact_email="a@example.jp")
    dataset = catalog.create_dataset(actor=actor, provider_party_id=actor.person_party_id, slug=slug, metadata=metadata)
    details = DistributionDetails(
        kind="link",
        holding="connected",
        holding_reason="提供者の場所にあります。",
        url="https://www.example.jp/data.csv",
        format="CSV",
    )
    catalog.add_distribution(actor=actor, dataset_uid=dataset.uid, details=details)
    if publish:
        catalog.publish_dataset(actor=actor, dataset_uid=dataset.uid)
