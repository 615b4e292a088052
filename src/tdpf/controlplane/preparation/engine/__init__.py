"""The reading engine: readers, proposals and the first screen for personal data; never Django."""
