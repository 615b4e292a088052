"""The tables of words by which headers and values speak of persons, one word a row, and what reads them."""
