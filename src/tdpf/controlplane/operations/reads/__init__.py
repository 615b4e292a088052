"""The reads of this room, by what they are about; faces and processes call them through `queries`."""
