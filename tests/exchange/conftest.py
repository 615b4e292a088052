"""The fixtures of this folder stand in `exchange_scene`, where tests can also import its functions."""

from exchange_scene import (
    agreement,
    consumer,
    in_japanese,
    offer,
    open_offer,
    operator,
    provider,
    request_,
    shelf,
    stranger,
)

__all__ = [
    "agreement",
    "consumer",
    "in_japanese",
    "offer",
    "open_offer",
    "operator",
    "provider",
    "request_",
    "shelf",
    "stranger",
]
