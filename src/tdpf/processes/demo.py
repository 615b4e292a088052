"""Sample data: a made-up ward, what it offers, and a citizen who uses it; made through the same verbs as real data.

Every step looks first whether it was done, so that an interrupted set-up is finished by the next one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from tdpf.controlplane.access import queries as access_queries
from tdpf.controlplane.access import services as access
from tdpf.controlplane.catalog import queries as catalog_queries
from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.exchange import queries as exchange_queries
from tdpf.controlplane.exchange import services as exchange
from tdpf.controlplane.members import queries as members_queries
from tdpf.controlplane.members import services as members
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind, Standing
from tdpf.controlplane.preparation import services as preparation
from tdpf.djangokit.jobs import run_pending
from tdpf.kit.errors import Problem
from tdpf.kit.home import Home
from tdpf.processes.demo_accounts import DemoAccount, store_accounts
from tdpf.processes.demo_site import collect_sample_sites, say_sample_words

_MADE_UP_JA = "※ 動作を試すための架空のデータです。実在の施設ではありません。"
_MADE_UP_EN = "Note: made up for trying the platform; no such facility exists."

_WARD = OrganizationFacts(
    kind=OrganizationKind.MUNICIPALITY, name_ja="見本区（架空）", name_en="Mihon Ward (made up)", slug="mihon-ward",
    municipality_code="131997", address="東京都見本区中央1丁目1番1号", website="https://www.example.jp/",
    contact_email="opendata@example.jp",
)  # fmt: skip
_HELD = DistributionDetails(
    name="main", kind="table", holding="held", holding_reason="提供者がAPIを持たないため、基盤で保有します。",
    storage_place="この基盤の保存領域（日本国内）", retention_days=365,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sample:
    """One sample dataset: its file under `samples/`, its metadata, its terms."""

    file: str
    slug: str
    title_ja: str
    title_en: str
    description_ja: str
    description_en: str
    theme: str
    keywords: tuple[str, ...]
    frequency: str
    terms: dict[str, object]
    key: str = "ID"


_OPEN: dict[str, object] = {}
_SAMPLES = (
    _Sample(
        "sample_public_toilet.csv", "sample-public-toilet", "公衆トイレ一覧（見本区・架空）", "Public toilets (made-up ward)",
        "公衆トイレの場所、便器の数、バリアフリー設備、利用できる時間の一覧です。", "Where public toilets are, what they offer and when they are open.",
        "welfare", ("トイレ", "バリアフリー", "オストメイト", "まちづくり"), "ANNUAL", _OPEN,
    ),
    _Sample(
        "sample_evacuation_space.csv", "sample-evacuation-space", "指定緊急避難場所一覧（見本区・架空）", "Emergency evacuation sites (made-up ward)",
        "災害の種類ごとに使える指定緊急避難場所と、想定収容人数の一覧です。", "Sites for each kind of disaster, with capacity.",
        "safety", ("避難場所", "防災", "避難所"), "ANNUAL", _OPEN,
    ),
    _Sample(
        "sample_aed.csv", "sample-aed", "AED設置箇所一覧（見本区・架空）", "AED locations (made-up ward)",
        "AED（自動体外式除細動器）の設置場所と、利用できる曜日・時間の一覧です。", "Where automated external defibrillators are and when they can be reached.",
        "safety", ("AED", "救急", "防災"), "ANNUAL", _OPEN,
    ),
    _Sample(
        "sample_shelter_status_1.csv", "sample-shelter-status", "避難所の開設・混雑状況（見本区・架空）", "Shelter status (made-up ward)",
        "避難所ごとの開設状況、避難者数、混雑度、物資の残数です。更新のたびに新しい版になります。", "Open or not, how full, and stocks of each shelter; every update is a new version.",
        "safety", ("避難所", "開設状況", "混雑", "防災"), "HOURLY",
        {"approval": "automatic", "quota_day": 1000, "quota_month": 20000, "rate_plan": "r10", "notice_days": 14},
        key="施設ID",
    ),
)  # fmt: skip


def make_demo(home: Home) -> None:
    """Make the sample accounts and datasets and keep the accounts' credentials; raises what the rooms' verbs raise."""
    operator, operator_account = _member("operator", "operator@example.jp", "運営 太郎（見本）", "運営者", "operator")
    provider, provider_account = _member(
        "provider", "provider@example.jp", "見本 一郎（見本区）", "データ提供者", "provider"
    )
    consumer, consumer_account = _member(
        "consumer", "consumer@example.jp", "見本 花子（市民）", "データ利用者", "consumer"
    )
    party_id = _ward(provider, operator)
    provider = members_queries.standing_of_uid(provider.member_uid)
    for sample in _SAMPLES:
        _publish(provider, party_id, sample)
    collect_sample_sites(operator)
    say_sample_words(consumer, provider)
    run_pending()
    catalog.reindex()
    key = _agree(consumer)
    run_pending()
    store_accounts(home, [provider_account, replace(consumer_account, api_key=key), operator_account])


def _member(name: str, email: str, display: str, role_ja: str, role_en: str) -> tuple[Standing, DemoAccount]:
    password = f"{secrets.token_hex(3)}-{secrets.token_hex(3)}-{secrets.token_hex(3)}"
    member = members_queries.find_member_by_email(email)
    if member is not None:
        members.set_password(member_uid=member.uid, password=password)
    else:
        make = members.create_operator if name == "operator" else members.create_confirmed_member
        member = make(email=email, password=password, display_name=display)
    totp_secret = members.set_totp_secret(member_uid=member.uid)
    account = DemoAccount(name, email, password, totp_secret, role_ja, role_en)
    return members_queries.standing_of_uid(member.uid), account


def _ward(provider: Standing, operator: Standing) -> int:
    member = members_queries.get_member(provider.member_uid)
    known = members_queries.find_approved_organization(municipality_code=_WARD.municipality_code)
    if known is not None:
        return int(known.party_id)
    waiting = [item for item in members_queries.list_organizations_to_review() if item.party.slug == _WARD.slug]
    organization = waiting[0] if waiting else members.apply_organization(
        actor=members_queries.standing_of(member), facts=_WARD, note="見本データのための架空の自治体です。"
    )  # fmt: skip
    members.review_organization(
        actor=operator, organization_uid=organization.uid, decision="approve", reason="見本データのための団体です。"
    )
    return int(organization.party_id)


def _publish(provider: Standing, party_id: int, sample: _Sample) -> None:
    try:
        page = catalog_queries.dataset_page(sample.slug, provider)
    except Problem:
        dataset = catalog.create_dataset(
            actor=provider, provider_party_id=party_id, slug=sample.slug, metadata=_metadata(sample)
        )
        page = catalog_queries.dataset_page(dataset.uid, provider)
    if page.state == "published":
        return
    if page.main is None:
        catalog.add_distribution(actor=provider, dataset_uid=page.uid, details=_HELD)
        page = catalog_queries.dataset_page(page.uid, provider)
    if page.main is not None and page.main.latest is None:
        upload = _uploaded(provider, party_id, sample)
        preparation.publish_upload_as_version(
            actor=provider, upload_uid=upload, distribution_uid=page.main.uid, key_columns=[sample.key]
        )
    offers = exchange_queries.offers_of_dataset(page.uid, provider)
    if not offers:
        presets = {preset.code: dict(preset.fields) for preset in exchange_queries.terms_presets()}
        fields = presets["conditional" if sample.terms else "open"] | sample.terms
        offers = [exchange.draft_offer(actor=provider, dataset_uid=page.uid, fields=fields)]
    words = exchange_queries.warranty_in_force()
    exchange.sign_warranty(
        actor=provider, offer_uid=offers[0].uid, text_version=words.version, text_sha256=words.sha256
    )
    exchange.publish_offer(actor=provider, offer_uid=offers[0].uid)


def _uploaded(provider: Standing, party_id: int, sample: _Sample) -> str:
    content = files("tdpf.processes").joinpath("samples", sample.file).read_bytes()
    upload = preparation.upload_file_whole(
        actor=provider, party_id=party_id, file_name=sample.file, size=len(content), pieces=[content]
    )
    preparation.read_upload(actor=provider, upload_uid=upload.uid)
    return str(upload.uid)


def _metadata(sample: _Sample) -> DatasetMetadata:
    licence: dict[str, Any] = {"licence": "CC-BY-4.0"}
    if sample.terms:
        licence = {
            "licence": "custom", "licence_name": "見本区 条件付き提供の利用条件",
            "licence_text": "このデータの「利用条件」にしたがって使えます。",
        }  # fmt: skip
    return DatasetMetadata(
        **licence,
        title_ja=sample.title_ja, title_en=sample.title_en,
        description_ja=f"{sample.description_ja}\n{_MADE_UP_JA}", description_en=f"{sample.description_en}\n{_MADE_UP_EN}",
        themes=(sample.theme,), keywords=sample.keywords, area_codes=("130001",),
        update_frequency=sample.frequency, languages=("ja",), contact_name="見本区 情報政策課（架空）",
        contact_email="opendata@example.jp",
    )  # fmt: skip


def _agree(consumer: Standing) -> str:
    name = "避難所マップ（見本）"
    known = [item for item in access_queries.list_applications(consumer) if item.name == name]
    application = known[0] if known else access.register_application(
        actor=consumer, owner_party_id=consumer.person_party_id, name=name, description="混雑していない避難所を地図で案内します。"
    )  # fmt: skip
    dataset = catalog_queries.dataset_page("sample-shelter-status", consumer)
    offer = exchange_queries.offer_of_dataset(dataset.uid)
    if offer is None:
        raise RuntimeError("the sample offer was not published")
    if not exchange_queries.agreements_of_application(application.uid):
        access.apply_for_offer(
            actor=consumer, offer_uid=offer.uid, application_uid=application.uid, purpose="public",
            purpose_statement="災害時に、近くの空いている避難所を住民に案内するアプリに使います。",
            information_management="取得したデータは利用者本人の端末だけに置き、24時間で消します。",
        )  # fmt: skip
    return access.issue_key(actor=consumer, application_uid=application.uid, name="見本の鍵").plaintext
