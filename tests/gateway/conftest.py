from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gateway_stand_ins import Gateway
from provider_apis import Api


@pytest.fixture
def make_gateway() -> Iterator[Callable[..., Gateway]]:
    """Gateways of one test, closed at its end."""
    made: list[Gateway] = []

    def make(**options: Any) -> Gateway:
        gateway = Gateway(**options)
        made.append(gateway)
        return gateway

    yield make
    for gateway in made:
        gateway.close()


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    yield made
    made.close()
