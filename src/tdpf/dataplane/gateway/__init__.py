"""The gateway: snapshot to grant table and Envoy configuration, Envoy's process, and the spool of usage."""
