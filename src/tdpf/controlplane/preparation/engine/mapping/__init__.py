"""Which column of a town's table is which column of the standard."""
