"""Good manners at other people's sites: robots.txt, pauses, Retry-After, backing off, and an end to everything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from federation_sites import Reply, Site, endless, hurried
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.federation.errors import RobotsForbid, SourceBusy, SourceRefuses, SourceTimeOver
from tdpf.controlplane.federation.visiting.manners import Pace, retry_after_seconds
from tdpf.controlplane.federation.visiting.robots import read_robots
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.fetching import AddressRefused, FetchFailed, TooLarge, TooSlow

CKAN_ROBOTS = """User-agent: *
Disallow: /dataset/rate/
Disallow: /revision/
Disallow: /dataset/*/history
Disallow: /api/
Crawl-Delay: 10
"""


@dataclass
class Dream:
    """Time that passes only by sleeping."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.at += seconds

    def pace(self) -> Pace:
        """Return the pace of this dream."""
        return Pace(monotonic=lambda: self.at, sleep=self.sleep, now=lambda: datetime(2026, 11, 26, tzinfo=UTC))


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with one page."""
    with Site({"/a": b"a"}) as site:
        yield site


def test_we_say_who_we_are(site: Site) -> None:
    """The product token and where to complain stand in every request."""
    with Visitor(hurried()) as visitor:
        visitor.get(f"{site.url}/a")
    assert {asked.headers["user-agent"] for asked in site.asked} == {
        "TDPF-harvester/1.0 (+https://tdpf.example/about/harvester)"
    }


def test_robots_are_obeyed_and_a_permission_recorded_by_the_operator_counts(site: Site) -> None:
    """What CKAN forbids by default is not asked for; robots.txt is read once."""
    site.answers["/robots.txt"] = CKAN_ROBOTS.encode()
    site.answers["/api/3/action/package_list"] = b"{}"
    with Visitor(hurried(longest_pause=0.0)) as visitor:
        with pytest.raises(RobotsForbid) as refused:
            visitor.get(f"{site.url}/api/3/action/package_list")
        assert "TDPF-harvester" in refused.value.as_dict()["cure"]
        visitor.get(f"{site.url}/a")
        visitor.get(f"{site.url}/a")
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/a"]
    permitted = hurried(robots_permission="2026-10-01 の文書による許可", permitted_host="127.0.0.1")
    with Visitor(permitted) as visitor:
        assert visitor.get(f"{site.url}/api/3/action/package_list").status == 200
        # It is the word of one owner: another host is read as its own robots.txt says.
        with pytest.raises(RobotsForbid):
            visitor.get(f"{site.url.replace('127.0.0.1', 'localhost')}/api/3/action/package_list")


def test_a_redirect_does_not_lead_around_robots(site: Site) -> None:
    """Every hop is asked about."""
    site.answers |= {"/robots.txt": b"User-agent: tdpf-harvester\nDisallow: /secret", "/secret": b"s"}
    site.answers["/way"] = Reply(status=302, headers={"Location": "/secret"})
    with Visitor(hurried()) as visitor, pytest.raises(RobotsForbid):
        visitor.get(f"{site.url}/way")
    assert "/secret" not in site.paths()


@pytest.mark.parametrize("status", [500, 503])
def test_a_site_whose_robots_cannot_be_read_is_left_alone(site: Site, status: int) -> None:
    """RFC 9309 §2.3.1.4: a server error means no to everything."""
    site.answers["/robots.txt"] = Reply(status=status)
    with Visitor(hurried()) as visitor, pytest.raises(SourceRefuses):
        visitor.get(f"{site.url}/a")
    assert site.paths() == []


def test_a_host_that_does_not_answer_is_asked_once_in_a_while(site: Site) -> None:
    """A hundred addresses of a dead host cost what one costs; ten minutes later it is asked again."""
    site.answers["/robots.txt"] = Reply(status=503)
    dream = Dream()
    with Visitor(hurried(first_backoff=2.0), pace=dream.pace()) as visitor:
        for number in range(100):
            with pytest.raises(SourceRefuses):
                visitor.get(f"{site.url}/{number}")
        once, slept = len(site.asked), sum(dream.slept)
        assert once <= 5
        assert slept < 60
        del site.answers["/robots.txt"]
        dream.at += 601
        assert visitor.get(f"{site.url}/a").body == b"a"


def test_pauses_between_requests_to_one_site_and_crawl_delay(site: Site) -> None:
    """The pause is the greater of ours and theirs, and never beyond a bound."""
    site.answers["/robots.txt"] = b"User-agent: *\nCrawl-delay: 7"
    dream = Dream()
    with Visitor(hurried(pause=2.0), pace=dream.pace()) as visitor:
        visitor.get(f"{site.url}/a")
        visitor.get(f"{site.url}/a")
    assert dream.slept == [7.0, 7.0]
    site.answers["/robots.txt"] = b"User-agent: *\nCrawl-delay: 9999"
    dream = Dream()
    with Visitor(hurried(longest_pause=12.0), pace=dream.pace()) as visitor:
        visitor.get(f"{site.url}/a")
    assert sum(dream.slept) == 12.0


def test_retry_after_is_honoured_and_makes_us_slower(site: Site) -> None:
    """429 with seconds, 503 with a date; then the answer."""
    instant = datetime(2026, 11, 26, tzinfo=UTC) + timedelta(seconds=20)
    replies = iter(
        [
            Reply(status=429, headers={"Retry-After": "4"}),
            Reply(status=503, headers={"Retry-After": format_datetime(instant, usegmt=True)}),
            Reply(b"ok"),
            Reply(b"ok"),
        ]
    )
    site.answers["/b"] = lambda _: next(replies)
    dream = Dream()
    with Visitor(hurried(), pace=dream.pace()) as visitor:
        assert visitor.get(f"{site.url}/b").body == b"ok"
        assert sum(dream.slept) == pytest.approx(24.0, abs=3)
        before = sum(dream.slept)
        visitor.get(f"{site.url}/b")
        assert sum(dream.slept) > before, "after a 429 we go slower"


def test_a_site_that_wants_us_much_later_ends_the_run(site: Site) -> None:
    """The problem says how long."""
    site.answers["/b"] = Reply(status=503, headers={"Retry-After": "86400"})
    with Visitor(hurried(), pace=Dream().pace()) as visitor, pytest.raises(SourceBusy) as busy:
        visitor.get(f"{site.url}/b")
    assert busy.value.data["retry_after_seconds"] == 86400


def test_an_overloaded_site_is_left_alone_soon(site: Site) -> None:
    """One page that ends with 503 may be one bad record; the second in a row, or a 429 at once, is the site."""
    busy = Reply(status=503, headers={"Retry-After": "120"})
    site.answers |= {"/b": busy, "/c": busy, "/d": Reply(status=429)}
    with Visitor(hurried(), pace=Dream().pace()) as visitor:
        for _ in range(2):
            with pytest.raises(SourceRefuses):
                visitor.get(f"{site.url}/b")
            visitor.get(f"{site.url}/a")
        with pytest.raises(SourceRefuses):
            visitor.get(f"{site.url}/b")
        with pytest.raises(SourceBusy) as refused:
            visitor.get(f"{site.url}/c")
        assert refused.value.data["retry_after_seconds"] == 900
        with pytest.raises(SourceBusy):
            visitor.get(f"{site.url}/d")
        assert visitor.get(f"{site.url}/d", also=frozenset({429})).status == 429, "a look at a link only wants to know"


def test_passing_errors_are_asked_again_and_lasting_ones_are_not(site: Site) -> None:
    """With longer and longer waits."""
    replies = iter([Reply(status=502), Reply(status=504), Reply(b"ok")])
    site.answers["/b"] = lambda _: next(replies)
    site.answers["/c"] = Reply(status=403)
    dream = Dream()
    with Visitor(hurried(first_backoff=2.0), pace=dream.pace()) as visitor:
        assert visitor.get(f"{site.url}/b").body == b"ok"
        assert dream.slept == [2.0, 4.0]
        with pytest.raises(SourceRefuses):
            visitor.get(f"{site.url}/c")
        assert visitor.get(f"{site.url}/c", also=frozenset({403})).status == 403
    assert site.paths().count("/c") == 2


def test_conditional_requests(site: Site) -> None:
    """The validators go out, and 304 comes back as an answer."""

    def answer(asked: object) -> Reply:
        headers = asked.headers  # type: ignore[attr-defined]
        return Reply(status=304) if headers.get("if-none-match") == '"v1"' else Reply(b"x", headers={"ETag": '"v1"'})

    site.answers["/b"] = answer
    with Visitor(hurried()) as visitor:
        first = visitor.get(f"{site.url}/b")
        assert visitor.get(f"{site.url}/b", etag=first.etag).status == 304


def test_the_time_for_a_source_ends(site: Site) -> None:
    """Waiting counts."""
    with Visitor(hurried(pause=40.0, longest_pause=40.0, source_seconds=100), pace=Dream().pace()) as visitor:
        visitor.get(f"{site.url}/a")
        visitor.get(f"{site.url}/a")
        with pytest.raises(SourceTimeOver):
            visitor.get(f"{site.url}/a")


def test_waiting_beats_and_can_be_stopped(site: Site) -> None:
    """A run that waits long is seen to live, and ends when it is told to."""
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        if len(beats) > 12:
            raise KeyboardInterrupt

    dream = Dream()
    manners = hurried(pause=600.0, longest_pause=600.0)
    with Visitor(manners, pace=dream.pace(), beat=beat) as visitor, pytest.raises(KeyboardInterrupt):
        visitor.get(f"{site.url}/a")
    assert max(dream.slept) <= 10.0


def test_more_than_a_gigabyte_a_drip_and_a_dead_site(site: Site) -> None:
    """Each ends within its limit."""
    site.answers["/endless"] = lambda _: Reply(pieces=endless())
    site.answers["/drip"] = lambda _: Reply(pieces=endless(b"x", 1000), pause=0.1)
    begun = time.monotonic()
    with Visitor(hurried(max_bytes=5_000_000, request_seconds=1.0, retries=1)) as visitor:
        with pytest.raises(TooLarge):
            visitor.get(f"{site.url}/endless")
        with pytest.raises(TooSlow):
            visitor.get(f"{site.url}/drip")
        with pytest.raises(FetchFailed):
            visitor.get("http://127.0.0.1:9/")
        assert visitor.get(f"{site.url}/a").body == b"a"
        assert visitor.peek("http://127.0.0.1:9/") is None
    assert time.monotonic() - begun < 15


def test_private_addresses_are_refused_unless_allowed(site: Site) -> None:
    """Nothing goes out."""
    with Visitor(hurried(allow_private=False)) as visitor, pytest.raises(AddressRefused):
        visitor.get(f"{site.url}/a")
    assert site.asked == []


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        (CKAN_ROBOTS, "/api/3/action/package_search", False),
        (CKAN_ROBOTS, "/dataset/abc", True),
        (CKAN_ROBOTS, "/dataset/abc/history", False),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /\nUser-agent: TDPF-harvester\nAllow: /", "/x", True),
        ("user-agent: tdpf-HARVESTER/2.0\ndisallow: /x", "/x", False),
        ("User-agent: other\nUser-agent: TDPF-harvester\nDisallow: /x\n", "/x", False),
        ("User-agent: other\nDisallow: /x\n", "/x", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.php$", "/a/b.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/a/b.php?x=1", True),
        ("User-agent: *\nDisallow: /*?page=", "/a?page=2", False),
        ("User-agent: *\nDisallow: /%E3%81%82", "/あ", False),
        ("User-agent: *\nDisallow: /あ", "/%e3%81%82/b", False),
        ("User-agent: *\nDisallow: /a # not this", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("<html>404 not found</html>", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("Disallow: /a", "/a", True),
    ],
)
def test_what_robots_say(robots: str, path: str, allowed: bool) -> None:
    """RFC 9309, and what stands in real files."""
    assert read_robots(robots, "TDPF-harvester").allows(f"https://site.example{path}") is allowed


@given(st.text(max_size=300), st.text(max_size=50))
def test_no_robots_file_hurts(robots: str, path: str) -> None:
    """Any text is a file that says something or nothing."""
    read_robots("User-agent: *\nDisallow: " + robots, "TDPF-harvester").allows("https://site.example/" + path)


def test_a_pattern_of_stars_takes_no_time() -> None:
    """Patterns of strangers are matched in linear time."""
    begun = time.monotonic()
    robots = read_robots("User-agent: *\nDisallow: /" + "*a" * 500 + "$", "TDPF-harvester")
    assert robots.allows("https://site.example/" + "a" * 5000 + "b")
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5.0), (" 120 ", 120.0), ("", None), ("soon", None), ("-5", None), ("Wed, 01 Jan 2020 00:00:00 GMT", 0.0)],
)
def test_retry_after_as_it_comes(value: str, seconds: float | None) -> None:
    """Seconds, a date, or nonsense."""
    assert retry_after_seconds(value, datetime(2026, 1, 1, tzinfo=UTC)) == seconds
