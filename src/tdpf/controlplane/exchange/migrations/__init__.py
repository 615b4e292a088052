"""Tables of the room, in the order they came."""
