"""The fixtures of this folder stand in `exchange_scene`, where tests can also import its functions."""

from exchange_scene import (
    agreement,
    consumer,
    make_member,
    offer,
    open_offer,
    operator,
    provider,
    quick,
    request_,
    shelf,
    stranger,
)

__all__ = [
    "agreement",
    "consumer",
    "make_member",
    "offer",
    "open_offer",
    "operator",
    "provider",
    "quick",
    "request_",
    "shelf",
    "stranger",
]
