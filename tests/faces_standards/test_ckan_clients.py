"""The real ckanapi against a listening portal: every call of its README and tests, and its dumps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import SearchQueryError
from gateway_double import Gateway
from standards_scene import Scene, library

# The command starts itself again by its name.
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ckan(transactional_db: None, live_server: Any, settings: Any) -> tuple[RemoteCKAN, Scene]:
    """The client, pointed at a library that listens."""
    settings.ALLOWED_HOSTS = ["*"]
    scene = library()
    return RemoteCKAN(live_server.url, user_agent="tdpf-tests/1"), scene


def test_calls_by_post_and_by_get(ckan: tuple[RemoteCKAN, Scene], live_server: Any) -> None:
    posts, scene = ckan
    for remote in (posts, RemoteCKAN(live_server.url, get_only=True)):
        assert remote.action.site_read() is True
        assert remote.action.status_show()["site_title"] == "東京データプラットフォーム"
        assert remote.action.package_list() == ["people-flow", "public-toilets", "shelters"]
        assert remote.action.package_show(id="shelters")["id"] == scene.shelters.uid
        assert remote.action.package_search(q="トイレ", rows=5)["count"] == 1
        assert len(remote.action.organization_list()) == 2
        assert remote.action.group_list()
        with pytest.raises(NotFound):
            remote.action.package_show(id="nothing")
        with pytest.raises(SearchQueryError):
            remote.action.package_search(sort="nonsense")
        with pytest.raises(ValidationError):
            remote.action.package_search(rows=-1)


def test_rows_with_and_without_a_key(ckan: tuple[RemoteCKAN, Scene], live_server: Any, gateway: Gateway) -> None:
    remote, _ = ckan
    resource = remote.action.package_show(id="public-toilets")["resources"][0]
    assert remote.action.datastore_search(resource_id=resource["id"], limit=2)["total"] == 3
    assert gateway.asked[-1][2] == "tdpf_portal"
    with_key = RemoteCKAN(live_server.url, apikey="tdpf_secret")
    with_key.action.datastore_search(resource_id=resource["id"])
    assert gateway.asked[-1][2] == "tdpf_secret"
    paid = remote.action.package_show(id="people-flow")["resources"][0]
    with pytest.raises(NotAuthorized):
        remote.action.datastore_search(resource_id=paid["id"])


def dumped(url: str, kind: str, *more: str) -> list[dict[str, Any]]:
    """Run ckanapi's own command and return the lines it writes."""
    command = ["ckanapi", "dump", kind, *(more or ("--all",)), "-r", url, "-q"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def test_the_command_dumps_and_writes_data_packages(
    ckan: tuple[RemoteCKAN, Scene], live_server: Any, gateway: Gateway, settings: Any, tmp_path: Path
) -> None:
    datasets = dumped(live_server.url, "datasets")
    assert {dataset["name"] for dataset in datasets} == {"people-flow", "public-toilets", "shelters"}
    settings.PUBLIC_URL = gateway.url
    dumped(live_server.url, "datasets", "public-toilets", f"--datapackages={tmp_path}")
    written = json.loads((tmp_path / "public-toilets" / "datapackage.json").read_text())
    assert written["title"] == "公衆トイレ一覧"
    assert {resource["format"] for resource in written["resources"]} >= {"CSV", "GeoJSON"}
    for resource in written["resources"]:
        assert [field["name"] for field in resource["schema"]["fields"]] == ["ID", "名称", "緯度", "経度", "便器数"]
    assert not [path for path, _, _ in gateway.asked if "/collections/" in path]
