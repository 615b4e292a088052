"""Streams whose events are fetched (取り込み口): one file for each kind of place they come from."""
