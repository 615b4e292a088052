"""A provider's MQTT broker on this machine: a real one (amqtt), that asks for an account, with and without TLS."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.publish as publish
import pytest
from provider_databases import own_certificate

ACCOUNT, PASSWORD = "sensor-reader", "a broker's pass"
_PROGRAM = """
import asyncio, json, sys
from amqtt.broker import Broker

async def main():
    broker = Broker(json.load(open(sys.argv[1])))
    await broker.start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class MqttBroker:
    """One broker; it may be stopped and started again on the same ports."""

    def __init__(self) -> None:
        from pwdlib import PasswordHash
        from pwdlib.hashers.argon2 import Argon2Hasher

        self.folder = Path(tempfile.mkdtemp(prefix="tdpf-mqtt-"))
        self.certificate = own_certificate(self.folder)
        hashed = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)).hash(PASSWORD)
        (self.folder / "accounts").write_text(f"{ACCOUNT}:{hashed}\n")
        self.port, self.tls_port = _free_port(), _free_port()
        files = {"certfile": str(self.folder / "cert.pem"), "keyfile": str(self.folder / "key.pem")}
        config = {
            "listeners": {
                "default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"},
                "safe": {"type": "tcp", "bind": f"127.0.0.1:{self.tls_port}", "ssl": True, **files},
            },
            "plugins": {
                "amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(self.folder / "accounts")}
            },
        }
        (self.folder / "config.json").write_text(json.dumps(config))
        (self.folder / "run.py").write_text(_PROGRAM)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it listens."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(self.folder / "run.py"), str(self.folder / "config.json")],
                stdout=subprocess.PIPE, stderr=log, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, topic: str, *payloads: Any, retain: bool = False) -> None:
        """Publish payloads (bytes as they are, others as JSON) with quality of service 1."""
        messages = [(topic, one if isinstance(one, bytes) else json.dumps(one).encode(), 1, retain) for one in payloads]
        account = {"username": ACCOUNT, "password": PASSWORD}
        publish.multiple(messages, hostname="127.0.0.1", port=self.port, auth=account)  # type: ignore[arg-type]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mqtt_broker() -> Iterator[MqttBroker]:
    """A broker of the test's own."""
    made = MqttBroker()
    made.start()
    yield made
    made.close()
