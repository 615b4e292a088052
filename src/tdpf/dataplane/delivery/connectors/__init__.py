"""Tables that stay with their provider: each kind of source is one file here, and answers questions as published tables do."""
