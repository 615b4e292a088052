"""The library for AI agents: a Model Context Protocol server over streamable HTTP, without sessions and without streams."""
