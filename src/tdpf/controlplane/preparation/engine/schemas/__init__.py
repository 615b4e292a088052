"""Standard tables: what their columns are called, what they may hold, by which other names towns know them."""
