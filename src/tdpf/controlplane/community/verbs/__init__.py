"""The writes of this room, by what they are about; other rooms call them through `services`."""
