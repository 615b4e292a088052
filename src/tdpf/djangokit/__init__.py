"""Ground for Django rooms: the outbox of events, jobs of the worker, and problems made visible."""
