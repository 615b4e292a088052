"""Forms of the pages: what may be typed, in the words of the pages."""
