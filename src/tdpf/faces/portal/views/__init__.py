"""One module per group of pages; a view only translates."""
