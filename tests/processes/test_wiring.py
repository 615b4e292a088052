"""The wiring is whole: every subscriber exists, and every decision that matters to a gateway moves the stamp."""

from __future__ import annotations

from tdpf.controlplane.access import services as access
from tdpf.djangokit import jobs, outbox
from tdpf.processes import wiring


def test_every_subscriber_is_a_known_handler() -> None:
    """No event is told to nobody."""
    asked = {
        handler
        for handlers in outbox._subscribed.values()
        for handler in handlers
        if not handler.startswith("testroom.")
    }
    assert asked
    assert asked <= jobs.registered_handlers()


def test_decisions_move_the_snapshot() -> None:
    """What gives or takes a permission is in the list that acts in the deciding transaction."""
    names = {event.name for event in access.GATE_EVENTS}
    assert {
        "members.PartySuspended",
        "exchange.AgreementSealed",
        "exchange.AgreementEnded",
        "exchange.OfferEnded",
    } <= names
    assert all(outbox._hooks[name] for name in names)


def test_wiring_twice_tells_nobody_twice() -> None:
    """Each process wires once; doing it again changes nothing."""
    before = {name: list(handlers) for name, handlers in outbox._subscribed.items()}
    wiring.wire_events()
    assert {name: list(handlers) for name, handlers in outbox._subscribed.items()} == before
