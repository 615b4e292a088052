"""The fixtures of this folder stand in `preparation_cast`, where tests can also import its functions."""

from own_home import own_home
from preparation_cast import dataset, operator, provider, send, stranger, table

__all__ = ["dataset", "operator", "own_home", "provider", "send", "stranger", "table"]
