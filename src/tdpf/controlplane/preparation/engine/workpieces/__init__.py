"""What the preparing pages stand on: offers of schemas, the table before and after, what waits for a person; without Django."""
