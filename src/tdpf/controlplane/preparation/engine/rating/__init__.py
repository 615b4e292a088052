"""The readability rating (データレート): how well programs can read a file, by the national rules, finding by finding."""
