"""The published-table format: build, read, verify. Written by the control plane, read by delivery; no Django."""
