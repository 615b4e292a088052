"""Ground every room stands on: problems, clock, identifiers, hashing, safe fetching; no product words."""
