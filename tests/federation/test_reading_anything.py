"""Whatever a stranger's record holds: it is read or left out with a reason, never a crash, and always clean text."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, Graph, Literal, URIRef

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.boxes import box_of
from tdpf.controlplane.federation.reading.ckan_packages import read_package
from tdpf.controlplane.federation.reading.dcat_graph import DATASET, read_dataset
from tdpf.controlplane.federation.reading.geo_metadata import read_element
from tdpf.controlplane.federation.reading.json_text import parse_json
from tdpf.controlplane.federation.reading.kinds import data_json, ogc_records, plateau
from tdpf.controlplane.federation.reading.schema_org_nodes import dataset_nodes, read_node
from tdpf.controlplane.federation.reading.taking import Taking
from tdpf.controlplane.federation.reading.xml_text import inspect_xml, tidy_xml
from tdpf.controlplane.federation.types import LeftOut, ReadRecord

TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from(["[]", "{}", '{"a":1}', "[1,", "{a,b}", "//x", "http://[", "javascript:x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
WORDS = {
    "ckan": ["id", "name", "title", "notes", "extras", "tags", "groups", "resources", "organization", "license_id", "license_url", "private", "state", "type", "spatial", "temporal", "url", "theme", "language", "publisher"],
    "entry": ["identifier", "title", "description", "keyword", "publisher", "contactPoint", "accessLevel", "license", "spatial", "temporal", "distribution", "landingPage", "theme", "language"],
    "feature": ["title", "description", "keywords", "contacts", "themes", "created", "updated", "license", "type", "language", "formats", "externalIds"],
    "node": ["@id", "@type", "name", "description", "url", "keywords", "license", "creator", "publisher", "distribution", "spatialCoverage", "temporalCoverage", "identifier", "inLanguage"],
    "row": ["id", "name", "pref", "city", "city_code", "ward", "ward_code", "type", "type_en", "year", "format", "lod", "texture", "url", "layers", "spec", "dataset_id"],
}  # fmt: skip
HURRIED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def objects(words: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with the names a kind looks for, and anything in them."""
    return st.dictionaries(st.sampled_from(WORDS[words]), JSON, max_size=12)


def sound(record: ReadRecord | None, faults: list[LeftOut]) -> None:
    """Assert that a record can be stored: clean text everywhere, a key and a title; else that a reason is given."""
    for fault in faults:
        assert fault.code
        assert fault.why.ja
        fault.why.ja.encode()
    if record is None:
        assert faults
        return
    stated = record.stated
    assert stated.record_id
    assert stated.title
    plain = json.dumps(asdict(stated) | {"extras": dict(stated.extras)}, ensure_ascii=False)
    plain.encode()
    assert "\\u0000" not in plain
    assert all(ord(letter) >= 32 for letter in stated.title + stated.record_id)
    for distribution in stated.distributions:
        for url in (distribution.url, distribution.access_url):
            assert not url or url.lower().startswith(("http://", "https://", "ftp://", "ftps://"))
    record.original.encode()


@HURRIED
@given(objects("ckan") | JSON)
def test_any_package(package: Any) -> None:
    """CKAN."""
    sound(*read_package(package, root="http://s.example", where="http://s.example/api"))


@HURRIED
@given(objects("entry") | JSON)
def test_any_entry(entry: Any) -> None:
    """data.json."""
    sound(*data_json.read_entry(entry, where="w", base="http://s.example/data.json"))


@HURRIED
@given(objects("feature"), JSON, JSON, JSON)
def test_any_feature(said: dict[str, Any], key: Any, links: Any, geometry: Any) -> None:
    """OGC API Records."""
    feature = {"id": key, "properties": said, "links": links, "geometry": geometry, "time": geometry, "assets": links}
    sound(*ogc_records.read_feature(feature, where="w", base="http://s.example/items"))


@HURRIED
@given(objects("node") | JSON)
def test_any_node(node: Any) -> None:
    """schema.org."""
    for found in dataset_nodes([{"@type": "Dataset", **node} if isinstance(node, dict) else node]):
        sound(*read_node(found, page="http://s.example/p"))


@HURRIED
@given(st.lists(objects("row") | JSON, max_size=5))
def test_any_rows(rows: list[Any]) -> None:
    """PLATEAU."""
    groups, faults = plateau._grouped(rows, "http://s.example")
    for fault in faults:
        sound(None, [fault])
    for key, group in groups.items():
        record, left = plateau._record(key, group, "http://s.example")
        sound(record, left)


@HURRIED
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["title", "description", "license", "publisher", "temporal", "spatial", "format"]), TEXT
        ),
        max_size=8,
    )
)
def test_any_graph(said: list[tuple[str, str]]) -> None:
    """DCAT."""
    graph, node = Graph(), URIRef("http://d.example/1")
    graph.add((node, RDF.type, DATASET))
    for name, text in said:
        graph.add((node, URIRef(f"http://purl.org/dc/terms/{name}"), Literal(text)))
    sound(*read_dataset(graph, node, where="http://s.example"))


@HURRIED
@given(st.lists(st.tuples(st.sampled_from(["identifier", "title", "subject", "references", "BoundingBox", "fileIdentifier"]), st.text("aあ1 <&:/h", max_size=20)), max_size=8), st.booleans())  # fmt: skip
def test_any_element(said: list[tuple[str, str]], iso: bool) -> None:
    """CSW."""
    element = ET.Element("{x}MD_Metadata" if iso else "{x}Record")
    for name, text in said:
        ET.SubElement(element, f"{{x}}{name}").text = text
    sound(*read_element(element, where="http://s.example"))


@HURRIED
@given(JSON | st.text("POLYGON((0 1,-.)ENVELOPE 2e9", max_size=60))
def test_any_box(value: Any) -> None:
    """A box lies on the earth, or there is none."""
    box = box_of(value)
    if box is not None:
        west, south, east, north = box
        assert -180 <= west <= 180
        assert -180 <= east <= 180
        assert -90 <= south <= north <= 90


@HURRIED
@given(st.binary(max_size=400) | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(body: bytes) -> None:
    """JSON and XML parsers say what is wrong, whatever the bytes."""
    for reader in (lambda: parse_json(body, url="u"), lambda: inspect_xml(tidy_xml(body), url="u")):
        with contextlib.suppress(AnswerNotUnderstood):
            reader()


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
@pytest.mark.parametrize("stated", ["", "utf-8", "iso-2022-jp", "nonsense"])
def test_json_in_the_wrong_charset(charset: str, stated: str) -> None:
    """Whatever the header says, the text is told by its bytes."""
    body = json.dumps({"題": "公園の一覧です"}, ensure_ascii=False).encode(charset)
    assert parse_json(body, url="u", charset=stated)["題"] == "公園の一覧です"


@pytest.mark.parametrize(
    ("value", "box"),
    [
        ('{"type":"Polygon","coordinates":[[[139,35],[140,35],[140,36],[139,35]]]}', (139, 35, 140, 36)),
        ("POLYGON((139 35, 140 35, 140 36, 139 35))", (139, 35, 140, 36)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(139.5 35.5)", (139.5, 35.5, 139.5, 35.5)),
        ("ENVELOPE(139, 140, 36, 35)", (139, 35, 140, 36)),
        ([139, 35, 140, 36], (139, 35, 140, 36)),
        ([139, 35, 0, 140, 36, 9], (139, 35, 140, 36)),
        ("139,35,140,36", (139, 35, 140, 36)),
        ("東京都", None),
        ("2020-01-01", None),
        ([500, 0, 501, 1], None),
        (
            {"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]},
            (1, 2, 1, 2),
        ),
        (None, None),
    ],
)
def test_boxes_as_they_come(value: Any, box: Any) -> None:
    """GeoJSON, WKT, lists, words."""
    assert box_of(value) == box


def test_what_is_taken_is_said_when_it_is_cut() -> None:
    """The part and the reason."""
    taking = Taking("http://s.example", "r1")
    assert taking.text("長" * 2000, "title", limit=500) == "長" * 500
    assert taking.text("a\x00b\ud800c", "title") == "abc"
    assert taking.address("javascript:alert(1)", "url") == ""
    assert taking.address("/x y", "url", at="http://s.example/") == "http://s.example/x%20y"
    assert taking.size("1,234", "size") == 1234
    assert taking.size("many", "size") is None
    assert taking.texts('["a","b","a"]', "tags") == ("a", "b")
    assert taking.texts("{a,b}", "tags") == ("a", "b")
    assert [(fault.part, fault.code) for fault in taking.left_out] == [
        ("title", "too-long"), ("title", "bad-text"), ("url", "bad-value"), ("size", "bad-value"),
    ]  # fmt: skip
    assert "2000" in taking.left_out[0].why.ja


def _graph(issued: str, modified: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    graph, node = Graph(), URIRef("http://d.example/1")
    for name, said in (("title", "題"), ("issued", issued), ("modified", modified)):
        graph.add((node, URIRef(f"http://purl.org/dc/terms/{name}"), Literal(said)))
    return read_dataset(graph, node, where="w")


def _element(issued: str, modified: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    element = ET.Element("{x}Record")
    for name, said in (("identifier", "1"), ("title", "題"), ("issued", issued), ("modified", modified)):
        ET.SubElement(element, f"{{x}}{name}").text = said
    return read_element(element, where="w")


_DATED = {
    "ckan": lambda a, b: read_package(
        {"id": "1", "name": "1", "title": "題", "issued": a, "metadata_modified": b}, root="http://s.example", where="w"
    ),
    "dcat": _graph,
    "data.json": lambda a, b: data_json.read_entry(
        {"identifier": "1", "title": "題", "issued": a, "modified": b}, where="w", base="http://s.example"
    ),
    "ogc": lambda a, b: ogc_records.read_feature(
        {"id": "1", "properties": {"title": "題", "created": a, "updated": b}}, where="w", base="http://s.example"
    ),
    "csw": _element,
    "schema.org": lambda a, b: read_node(
        {"@type": "Dataset", "@id": "1", "name": "題", "datePublished": a, "dateModified": b}, page="http://s.example/p"
    ),
}


@pytest.mark.parametrize("kind", list(_DATED))
def test_dates_that_are_none_are_said_and_kept_as_words(kind: str) -> None:
    """As addresses that are none: with record, part and words; what people and programs write as a date is one."""
    record, left_out = _DATED[kind]("2026-13-45", "not a date")
    assert record is not None
    assert (record.stated.issued, record.stated.modified) == ("2026-13-45", "not a date")
    assert [(left.code, left.part, left.record_id) for left in left_out] == [
        ("bad-value", "issued", record.stated.record_id), ("bad-value", "modified", record.stated.record_id),
    ]  # fmt: skip
    assert "2026-13-45" in left_out[0].why.ja
    assert "not a date" in left_out[1].why.en
    for good in (
        "2026-01-02",
        "令和6年4月1日",
        "2024-04-01T09:00:00.123456",
        "2024年度",
        "1711929600",
        "－",
        "未定",
        "",
    ):
        assert not _DATED[kind](good, good)[1], good
