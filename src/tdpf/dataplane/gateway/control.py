"""Telling the control plane: usage, counters, health, by the internal API."""

from collections.abc import Sequence

import httpx
import orjson

from tdpf.dataplane.control_door import ControlDoor, ControlHttp
from tdpf.wire.codec import MalformedMessage, list_from_json, to_json
from tdpf.wire.leases import LeaseAnswer, LeaseAsk
from tdpf.wire.messages import CounterReading, NodeHealth


class ControlUnavailable(Exception):
    """The control plane did not take it; it is kept and sent again."""


class ControlPlane:
    """One connection to ``/internal/v1``. Not safe for several threads at once."""

    def __init__(self, *, door: ControlDoor, secret: str, gateway: str) -> None:
        self._gateway = gateway
        self._http = ControlHttp(door, secret)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _post(self, path: str, data: bytes, media_type: str) -> bytes:
        try:
            answer = self._http.request("POST", path, content=data, headers={"content-type": media_type})
        except httpx.HTTPError as fault:
            raise ControlUnavailable(f"the control plane did not answer: {fault}") from fault
        if answer.status_code not in (200, 201, 202, 204):
            raise ControlUnavailable(f"the control plane answered {answer.status_code} to {path.split('?')[0]}")
        return answer.content

    def ship_usage(self, segment: str, offset: int, data: bytes) -> int:
        """Send a piece of a segment; return the offset the ledger has committed. Raises ControlUnavailable."""
        path = f"/internal/v1/usage/{self._gateway}/{segment}?offset={offset}"
        answer = self._post(path, data, "text/tab-separated-values")
        try:
            committed = orjson.loads(answer)["offset"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise ControlUnavailable("the answer to usage had no offset") from None
        if type(committed) is not int or committed < 0:
            raise ControlUnavailable("the answer to usage had no offset")
        return committed

    def send_counters(self, readings: Sequence[CounterReading]) -> None:
        """Send counter readings; raises ControlUnavailable."""
        if readings:
            self._post("/internal/v1/counters", to_json(list(readings)), "application/json")

    def ask_leases(self, asks: Sequence[LeaseAsk]) -> list[LeaseAnswer]:
        """Say what is held of shared quotas, and return what may be held from now on; raises ControlUnavailable."""
        path = f"/internal/v1/leases?gateway={self._gateway}"
        answer = self._post(path, to_json(list(asks)), "application/json")
        try:
            return list_from_json(LeaseAnswer, answer)
        except MalformedMessage as fault:
            raise ControlUnavailable(f"the answer about leases was unreadable: {fault}") from None

    def send_health(self, health: NodeHealth) -> None:
        """Send the node's health; raises ControlUnavailable."""
        self._post("/internal/v1/health", to_json(health), "application/json")
