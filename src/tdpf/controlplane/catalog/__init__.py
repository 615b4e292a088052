"""The data library: datasets, their distributions and versions, and the search over them."""
