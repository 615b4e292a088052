"""What journeys need beside pages: a program inside the installation that decides, and callers at the public door."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

_PROGRAM = '''
import dataclasses, json, sys, time
from tdpf.processes.cli import start_django

start_django()
from datetime import datetime, timedelta

from tdpf.controlplane.access import queries as access_queries, services as access
from tdpf.controlplane.catalog import queries as catalog_queries
from tdpf.controlplane.exchange import queries as exchange_queries, services as exchange
from tdpf.controlplane.members import queries as members_queries, services as members
from tdpf.controlplane.members.types import WhatStops
from tdpf.controlplane.metering import queries as metering_queries, services as metering
from tdpf.kit import clock
from tdpf.kit.errors import Problem
from tdpf.processes import demo


def standing(name):
    return members_queries.standing_of(members_queries.find_member_by_email(f"{name}@example.jp"))


def ward():
    return members_queries.get_party("mihon-ward")


def offer(slug, **terms):
    """Offer the sample's shelters once more, under a name and terms of their own; return what the test needs."""
    sample = dataclasses.replace(demo._SAMPLES[3 if terms else 0], slug=slug, terms=terms)
    demo._publish(standing("provider"), ward().pk, sample)
    page = catalog_queries.dataset_page(slug, standing("provider"))
    return {"number": page.number, "uid": page.uid, "offer": exchange_queries.offer_of_dataset(page.uid).uid}


def application(owner="consumer", scopes=("data:read",), party=None):
    """Register an application and issue a key."""
    actor = standing(owner)
    names = len(access_queries.list_applications(actor)) + 1
    made = access.register_application(
        actor=actor, owner_party_id=party or actor.person_party_id, name=f"試験のアプリ {names}"
    )
    issued = access.issue_key(actor=actor, application_uid=made.uid, name="試験の鍵", scopes=scopes)
    return {"application": made.uid, "number": made.number, "key": issued.plaintext, "key_uid": issued.key.uid}


def agree(application_uid, offer_uid):
    request = access.apply_for_offer(
        actor=standing("consumer"), offer_uid=offer_uid, application_uid=application_uid, purpose="public",
        purpose_statement="試験のために使います。", information_management="使ったあとに消します。",
    )
    return next(x for x in exchange_queries.agreements_of_application(application_uid) if x.request_uid == request.uid)


print("ready", flush=True)
for line in sys.stdin:
    scope = dict(globals())
    exec(json.loads(line), scope)
    began = time.monotonic()
    try:
        result, problem = scope["act"](), None
    except Problem as refused:
        result, problem = None, refused.as_dict("en")
    ended = time.monotonic()
    print(json.dumps({"result": result, "problem": problem, "began": began, "ended": ended}, default=str), flush=True)
'''


@dataclass(frozen=True)
class Decision:
    """What came of a decision, and when (`time.monotonic`, which all processes of a machine share)."""

    result: Any
    began: float
    ended: float


class Program:
    """A Python program inside an installation: started once, it does what it is given by the rooms' own verbs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the deciding program ended; its error stands above"
        return line.strip()

    def decide(self, source: str) -> Decision:
        """Run the body of a function and return what it returned; a Problem fails the test."""
        assert self._process.stdin is not None
        body = textwrap.indent(textwrap.dedent(source).strip(), "    ")
        self._process.stdin.write(json.dumps(f"def act():\n{body}\n") + "\n")
        self._process.stdin.flush()
        told = json.loads(self._read())
        assert told["problem"] is None, told["problem"]
        return Decision(told["result"], told["began"], told["ended"])

    def do(self, source: str) -> Any:
        """Run the body of a function and return what it returned."""
        return self.decide(source).result

    def close(self) -> None:
        """End the program."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def kill(pids: list[int]) -> float:
    """Kill processes as nothing can refuse; return when (`time.monotonic`)."""
    assert pids, "nothing to kill"
    at = time.monotonic()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return at


def children(pid: int) -> list[int]:
    """The processes started by a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                rest = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(rest[1]) == pid and rest[0] != "Z":
                    found.append(int(entry.name))
    return found


def answers(run: Path, socket: str, path: str) -> bool:
    """Whether a part answers 200 on its own socket."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(run / socket)), timeout=5) as client:
            return client.get(f"http://localhost{path}").status_code == 200
    except httpx.HTTPError:
        return False


@dataclass(frozen=True)
class Answer:
    """What came back from the public door."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Door:
    """The public door, one connection kept open, the path sent exactly as written."""

    def __init__(self, port: int, key: str = "") -> None:
        self._port, self.key = port, key
        self._connection = self._fresh()

    def _fresh(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

    def ask(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send one request and read the whole answer; raises OSError or HTTPException when there is none."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            self._connection.request(method, path, body=body, headers={**sent, **(headers or {})})
            answer = self._connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        except BaseException:
            self._connection.close()
            self._connection = self._fresh()
            raise


@dataclass
class Load:
    """Steady calls of one path from a thread of its own; every outcome is kept with its time, none is tried again."""

    port: int
    key: str
    path: str
    pause: float = 0.03
    outcomes: list[tuple[float, int]] = field(default_factory=list)
    bytes: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Load:
        self._thread = threading.Thread(target=self._call, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join(60)

    def _call(self) -> None:
        door = Door(self.port, self.key)
        while not self._stop.wait(self.pause):
            status = 0
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = door.ask(self.path)
                status = answer.status
                self.bytes += len(answer.body)
            self.outcomes.append((time.monotonic(), status))

    @property
    def answered(self) -> int:
        """How many calls got an answer, whatever its status."""
        return sum(status != 0 for _, status in list(self.outcomes))

    def statuses(self, after: float = 0.0) -> Counter[int]:
        """How often each status came since a moment; 0 stands for no answer."""
        return Counter(status for at, status in list(self.outcomes) if at >= after)

    def first(self, status: int, after: float) -> float | None:
        """When a status first came after a moment."""
        return next((at for at, found in list(self.outcomes) if at > after and found == status), None)


def wait_until(condition: Callable[[], Any], within: float = 30.0, every: float = 0.05) -> Any:
    """Wait until a condition holds and return what it gave; fails with its last value."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {within} s: {found!r}"
        time.sleep(every)
    return found
