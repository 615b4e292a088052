"""The reads of this room beneath `queries`: files and rows."""
