"""Other platforms: reading their catalogues in, keeping what was found, and connecting to them."""
