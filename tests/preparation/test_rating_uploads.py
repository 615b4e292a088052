"""The readability rating of what is handed in: kept with the reading, shown to its party only, summed up in the version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from preparation_cast import Send

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.models import Distribution
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, queries, services
from tdpf.controlplane.preparation.reads import rates
from tdpf.controlplane.preparation.types import UploadState

UGLY = "施設の一覧,,\n団体コード,施設名,利用料\n131016,中央館 ,100円\n131024,北館,200円\n131032,南館,300円\n"

pytestmark = pytest.mark.django_db


def test_a_reading_keeps_the_rating_with_its_rule_set(send: Send, provider: Standing) -> None:
    upload = send(UGLY, "施設.csv")
    assert upload.state == UploadState.READ
    shown = queries.rating_of_upload(upload.uid, provider)
    assert shown is not None
    broken = {rule.id: rule for rule in shown.broken}
    assert {"L1-06", "L2-01", "L3-01"} <= set(broken)
    assert broken["L3-01"].title == "項目名行から始まり、次行からデータ入力がされているか"
    assert broken["L2-01"].mended
    assert [name for name, _ in shown.levels] == ["L1", "L2", "L3"]
    assert shown.ruleset.startswith("digital-agency-")
    assert shown.kept + len(shown.broken) + shown.unjudged == 30


def test_a_file_that_cannot_be_read_is_rated_too(send: Send, provider: Standing) -> None:
    upload = send("%PDF-1.7\n", "案内.pdf")
    assert upload.state == UploadState.FAILED
    shown = queries.rating_of_upload(upload.uid, provider)
    assert shown is not None
    assert [rule.id for rule in shown.broken] == ["L1-01"]
    assert shown.score == 0


def test_only_those_who_may_see_the_upload_see_its_rating(send: Send, provider: Standing) -> None:
    upload = send(UGLY, "施設.csv")
    with pytest.raises(errors.UploadUnknown):
        queries.rating_of_upload(upload.uid, replace(provider, roles={}))


def test_a_version_remembers_the_rate_without_values(send: Send) -> None:
    upload = send(UGLY, "施設.csv")
    summary = rates.rating_summary(rates.upload_rating(upload))
    assert summary is not None
    assert set(summary) == {"ruleset", "score", "levels", "broken"}
    assert "L2-01" in summary["broken"]


def test_any_file_can_be_rated_apart(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(UGLY, encoding="utf-8")
    rating = queries.rate_file(path, "施設.csv")
    assert rating.path == "施設.csv"
    assert rating.tables[0].header_rows == (2,)


SIZES = "施設ID,施設名,定員（人）\n" + "".join(f"{n},第{n}館,{20 + n}\n" for n in range(1, 9))
OTHER_SIZES = "番号,建物,広さ（㎡）\n" + "".join(f"{n},第{n}館,{300 + n}\n" for n in range(1, 9))


def test_a_version_is_rated_with_what_the_catalogue_knows(send: Send, provider: Standing, table: Distribution) -> None:
    def broken_after(text: str, *described: str) -> set[str]:
        dictionary = [{"name": name, "description": f"{name}を書いた列"} for name in described]
        upload = send(text, "施設.csv")
        added = services.publish_upload_as_version(
            actor=provider, upload_uid=upload.uid, distribution_uid=table.uid, dictionary=dictionary
        )
        assert services.rate_version(version_uid=added.version_uid)
        rating = catalog.get_distribution(table.uid).rating
        assert rating is not None
        return set(rating["broken"])

    assert "L3-08" in broken_after(SIZES)
    assert not {"L3-07", "L3-08"} & broken_after(SIZES, "施設ID", "施設名", "定員（人）")
    assert "L3-07" in broken_after(OTHER_SIZES, "番号", "建物", "広さ（㎡）")


def test_a_new_version_is_not_told_by_the_rating_of_the_one_before(
    send: Send, provider: Standing, table: Distribution
) -> None:
    def publish(text: str) -> str:
        upload = send(text)
        return services.publish_upload_as_version(
            actor=provider, upload_uid=upload.uid, distribution_uid=table.uid
        ).version_uid

    first = publish(SIZES)
    assert services.rate_version(version_uid=first)
    publish(OTHER_SIZES)
    assert catalog.get_distribution(table.uid).rating is None
    assert not services.rate_version(version_uid=first)
