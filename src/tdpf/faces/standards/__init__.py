"""The platform in the words of other platforms: one module per open protocol."""
