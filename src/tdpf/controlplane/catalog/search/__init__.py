"""The search engine of the catalog: analysis of Japanese text, the index, queries; it knows no database."""
