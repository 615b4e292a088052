"""How the platform is run: the audit log of every decision, suspension orders, the health of every part, checks."""
