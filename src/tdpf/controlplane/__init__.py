"""The control plane: people deciding, in Django applications in the order of the story."""
