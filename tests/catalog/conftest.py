"""The fixtures of this folder stand in `catalog_cast`, where tests can also import its functions."""

from catalog_cast import announced, dataset, operator, provider, published, stranger, table
from own_home import own_home

__all__ = ["announced", "dataset", "operator", "own_home", "provider", "published", "stranger", "table"]
