"""People and organisations: who they are, what they may do, how they are reviewed, and when they are stopped."""
