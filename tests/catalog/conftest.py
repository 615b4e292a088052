"""The fixtures of this folder stand in `catalog_cast`, where tests can also import its functions."""

from catalog_cast import (
    announced,
    dataset,
    make_member,
    operator,
    own_home,
    provider,
    published,
    stranger,
    table,
)

__all__ = [
    "announced",
    "dataset",
    "make_member",
    "operator",
    "own_home",
    "provider",
    "published",
    "stranger",
    "table",
]
