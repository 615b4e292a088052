"""What gateways and delivery nodes ask, on a socket of its own."""
