"""Preparation: files of any shape become standard tables, with a record of everything that was done."""
