"""The data plane: bytes flow here, without Django and without the database."""
