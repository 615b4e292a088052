"""The fixtures of this folder stand in `preparation_cast`, where tests can also import its functions."""

from preparation_cast import dataset, make_member, operator, own_home, provider, send, stranger, table

__all__ = ["dataset", "make_member", "operator", "own_home", "provider", "send", "stranger", "table"]
