"""The ledger of use: facts that the gateway reported, appended once and never changed."""
