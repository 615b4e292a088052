"""Looking at many links politely: hosts side by side, one question at a time at each, results kept in small batches."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.queries import LinkedFile
from tdpf.controlplane.federation.errors import SourceTimeOver
from tdpf.controlplane.federation.verbs.columns import read_due_columns
from tdpf.controlplane.federation.verbs.links import Looked, good_looks, keep_looks
from tdpf.controlplane.federation.visiting.looking import Look, look_at
from tdpf.controlplane.federation.visiting.manners import Manners
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.clock import now

log = logging.getLogger("tdpf.federation")

GOOD_FOR = timedelta(days=7)
OTHERS_FOR = timedelta(hours=20)
_AT_ONCE = 1000
_BATCH = 25
_HANDS = 4


def look_at_due_links(*, limit: int = _AT_ONCE, seconds: float = 1200.0, manners: Manners | None = None) -> int:
    """Look at the links whose time has come, at most `limit` and for about so many seconds; return how many were looked at.

    Of good ones the columns are read where that is allowed. Never call it inside a transaction. A good link is looked at again after a week, any other after a day.
    """
    instant = now()
    due = catalog.links_to_look_at(good_before=instant - GOOD_FOR, other_before=instant - OTHERS_FOR, limit=limit)
    chosen = manners or Manners(
        contact_url=f"{settings.PUBLIC_URL}/help",
        request_seconds=20.0,
        source_seconds=seconds,
        retries=2,
        longest_wait=30.0,
        allow_private=settings.ALLOW_PRIVATE_FETCH,
    )
    results: queue.Queue[Looked | None] = queue.Queue()
    known = good_looks([link.distribution_uid for link in due])
    hands = [
        threading.Thread(target=_look, args=(part, chosen, known, results.put), name=f"links {number}", daemon=True)
        for number, part in enumerate(_shares(due))
    ]
    for hand in hands:
        hand.start()
    count = _keep_all(results, len(hands), seconds)
    read_due_columns(manners=chosen, limit=limit)
    return count


def links_are_due() -> bool:
    """Say whether there is a link to look at."""
    instant = now()
    return bool(catalog.links_to_look_at(good_before=instant - GOOD_FOR, other_before=instant - OTHERS_FOR, limit=1))


def _keep_all(results: queue.Queue[Looked | None], working: int, seconds: float) -> int:
    """Keep results as they come, until every hand is done."""
    count = 0
    waiting: list[Looked] = []
    end = time.monotonic() + seconds + 120
    while working:
        try:
            result = results.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            # What was seen until now is kept; the rest is due again, and the hands end with this process.
            log.warning("%d hands that look at links did not end in time", working)
            break
        if result is None:
            working -= 1
        else:
            waiting.append(result)
        if len(waiting) >= _BATCH:
            keep_looks(looked=waiting)
            count += len(waiting)
            waiting = []
    if waiting:
        keep_looks(looked=waiting)
    return count + len(waiting)


def _shares(due: Sequence[LinkedFile]) -> list[deque[LinkedFile]]:
    """Share links out so that each host belongs to one hand only, hosts taking turns within it."""
    by_host: dict[str, deque[LinkedFile]] = {}
    for link in due:
        by_host.setdefault(urlsplit(link.url).netloc.lower(), deque()).append(link)
    shares: list[list[deque[LinkedFile]]] = [[] for _ in range(min(_HANDS, len(by_host)))]
    for number, links in enumerate(sorted(by_host.values(), key=len, reverse=True)):
        shares[number % len(shares)].append(links)
    return [_in_turns(hosts) for hosts in shares]


def _in_turns(hosts: list[deque[LinkedFile]]) -> deque[LinkedFile]:
    ordered: deque[LinkedFile] = deque()
    while hosts:
        hosts = [links for links in hosts if links]
        ordered.extend(links.popleft() for links in hosts)
    return ordered


def _look(
    links: Sequence[LinkedFile],
    manners: Manners,
    known: Mapping[tuple[str, str], Look],
    tell: Callable[[Looked | None], None],
) -> None:
    try:
        with Visitor(manners) as visitor:
            for link in links:
                before = known.get((link.distribution_uid, link.url))
                seen = look_at(visitor, link.url, declared=link.format, before=before)
                tell(Looked(link.distribution_uid, link.dataset_uid, link.url, seen))
    except SourceTimeOver:
        pass
    except Exception:
        log.exception("a hand that looks at links broke")
    finally:
        tell(None)
