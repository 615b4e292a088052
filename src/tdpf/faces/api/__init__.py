"""The platform for programs: `/api/v1`, OAuth tokens, and what the data plane asks."""
