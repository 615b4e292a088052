"""Applications, keys, and the snapshot that tells the gateway who may use what."""
