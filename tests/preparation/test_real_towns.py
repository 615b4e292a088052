"""Real towns' files through the whole room: handed in, read, screened, published, and updated."""

from __future__ import annotations

from pathlib import Path

import pytest
from preparation_cast import Send

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.models import Distribution
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import queries, services
from tdpf.controlplane.preparation.types import UploadState
from tdpf.tables.verify import read_manifest, verify_table

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("file", "rows", "located"),
    [
        ("toilet/takamatsu_public_toilet.xlsx", 169, True),
        ("toilet/oyama_092088_public_toilet.csv", 100, True),
        ("tourism/ube_cultural_property.xls", 77, True),
        ("evacuation/gsi_emergency_131016.json", 28, True),
        ("medical/tokyo_disaster_base_hospitals_20220101.csv", 86, False),
    ],
)
def test_a_towns_file_becomes_a_table(
    corpus: Path, provider: Standing, send: Send, table: Distribution, file: str, rows: int, located: bool
) -> None:
    path = corpus / file
    upload = send(path.read_bytes(), path.name)
    assert upload.state == UploadState.READ, upload.problem
    shown = queries.preview(upload.uid, provider)
    assert shown.row_count == rows
    added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    folder = catalog.table_folder(added.identity)
    assert not verify_table(folder)
    manifest = read_manifest(folder)
    assert manifest.rows == rows
    assert (manifest.located is not None) == located
    assert queries.screening_outcome_for(upload.sha256, added.identity) == "clear"


def test_snapshots_of_open_shelters_become_versions_with_differences(
    corpus: Path, provider: Standing, send: Send, table: Distribution
) -> None:
    stamps = ["2024-01-09-1800", "2024-01-13-1800", "2024-01-18-0600", "2024-01-23-0600", "2024-01-23-0600"]
    numbers = []
    for stamp in stamps:
        path = corpus / f"shelter_status/open_shelter_Nanao-shi_{stamp}.csv"
        upload = send(path.read_bytes(), path.name)
        added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
        version = catalog.get_version(added.version_uid)
        numbers.append((added.number, added.is_new))
        assert version.key_columns == ["ID"]
        if added.is_new and added.number > 1:
            diff = version.diff
            before = catalog.versions_of(table.uid, provider)[1].rows
            assert before + diff["added"] - diff["removed"] == version.rows
            assert diff["changed"] > 0
    assert numbers == [(1, True), (2, True), (3, True), (4, True), (4, False)]


def test_no_public_file_is_taken_for_a_list_of_persons(corpus: Path, send: Send, provider: Standing) -> None:
    judged = {}
    for file in (
        "event/ube_event.csv",
        "medical/takamatsu_hospital.xlsx",
        "aed/saitama_aed.csv",
        "population/shinjuku_2022-01-01_all.csv",
        "public_facility/takamatsu_library.xlsx",
    ):
        upload = send((corpus / file).read_bytes(), Path(file).name)
        screening = queries.screening_of(upload.uid, provider)
        assert screening is not None
        judged[file] = screening.outcome
    assert judged == {
        "event/ube_event.csv": "doubtful",
        "medical/takamatsu_hospital.xlsx": "clear",
        "aed/saitama_aed.csv": "clear",
        "population/shinjuku_2022-01-01_all.csv": "clear",
        "public_facility/takamatsu_library.xlsx": "clear",
    }
