"""A small library for the open protocols: a located table, a file elsewhere, a dataset with terms, a draft."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails, OriginalFile
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.kit.home import home
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_identity
from tdpf.tables.types import Field

FIELDS = (
    Field("ID", type="code"),
    Field("名称", title="施設の名前", description="建物の正式な名前"),
    Field("緯度", type="number"),
    Field("経度", type="number"),
    Field("便器数", type="integer"),
)
ROWS = (
    ("1", "中央公園トイレ", "35.69", "139.69", "4"),
    ("2", "駅前広場トイレ", "35.70", "139.70", "2"),
    ("3", "北公園トイレ", "35.71", "139.71", ""),
)
LINKED = DistributionDetails(
    kind="link",
    holding="connected",
    holding_reason="提供元が更新するため",
    url="https://www.example.jp/shelters.csv",
    format="CSV",
    title_ja="避難所のCSV",
)
TABLE = DistributionDetails(
    kind="table",
    holding="held",
    holding_reason="APIで使えるようにするため",
    storage_place="TDPF（東京）",
    title_ja="一覧",
)


@dataclass(frozen=True)
class Scene:
    """What was made, by its slug."""

    provider: Standing
    toilets: Any
    shelters: Any
    paid: Any
    draft: Any

    def provider_slug(self) -> str:
        """The slug of who offers the toilets."""
        return str(self.toilets.provider.slug)


def described(title: str, **changes: Any) -> DatasetMetadata:
    """Return a full description."""
    stated: dict[str, Any] = {
        "title_ja": title,
        "title_en": "",
        "description_ja": f"{title}です。",
        "themes": ("welfare",),
        "keywords": ("トイレ", "子育て・教育", "水"),
        "licence": "CC-BY-4.0",
        "area_codes": ("131041",),
        "update_frequency": "ANNUAL",
        "contact_name": "データ担当",
        "contact_email": "data@example.jp",
    }
    return DatasetMetadata(**{**stated, **changes})


def member(name: str, *, operator: bool = False) -> Standing:
    """Make a member with a second factor."""
    create = member_services.create_operator if operator else member_services.create_confirmed_member
    made = create(email=f"{name}@example.jp", password="a long pass phrase 7", display_name=f"{name}さん")
    member_services.set_totp_secret(member_uid=made.uid)
    return members.standing_of_uid(made.uid)


def add_table(actor: Standing, dataset: Any, details: DistributionDetails = TABLE) -> Any:
    """Publish the three toilets as a held table."""
    distribution = services.add_distribution(actor=actor, dataset_uid=dataset.uid, details=details)
    text = "\n".join(",".join(row) for row in ([field.name for field in FIELDS], *ROWS)) + details.name
    sha = hashlib.sha256(text.encode()).hexdigest()
    path = catalog.original_path(sha)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    identity = table_identity(sha, {}, [field.as_dict() for field in FIELDS])
    built = build_table(ROWS, FIELDS, out_root=home().tables, identity=identity, key_columns=["ID"])
    original = OriginalFile(sha256=sha, name="toilets.csv", size=len(text.encode()), media_type="text/csv")
    services.add_version(actor=actor, distribution_uid=distribution.uid, original=original, published=built)
    return distribution


def library() -> Scene:
    """Make the library and its search index."""
    provider, other = member("shinjuku"), member("minato")

    def make(by: Standing, slug: str, title: str, **changes: Any) -> Any:
        metadata = described(title, **changes)
        return services.create_dataset(actor=by, provider_party_id=by.person_party_id, slug=slug, metadata=metadata)

    toilets = make(provider, "public-toilets", "公衆トイレ一覧", title_en="Public toilets")
    add_table(provider, toilets)
    services.publish_dataset(actor=provider, dataset_uid=toilets.uid)
    shelters = make(
        other,
        "shelters",
        "避難所一覧",
        themes=("safety",),
        keywords=("防災",),
        licence="CC0-1.0",
        area_codes=("131032",),
    )
    services.add_distribution(actor=other, dataset_uid=shelters.uid, details=LINKED)
    services.publish_dataset(actor=other, dataset_uid=shelters.uid)
    paid = make(other, "people-flow", "人流データ", themes=("transport",), keywords=("人流",))
    add_table(other, paid)
    services.publish_dataset(actor=other, dataset_uid=paid.uid)
    services.set_terms_facets(dataset_uid=paid.uid, access="paid", badges=())
    draft = make(provider, "not-yet", "下書き")
    services.reindex()
    return Scene(provider, toilets, shelters, paid, draft)
