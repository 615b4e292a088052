"""What the control plane and the data plane say to each other: frozen, versioned messages and file formats."""
