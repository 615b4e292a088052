"""Tidying and enriching (整理・項目付加): stated words → one description in controlled vocabularies, pure functions.

What is worked out stands beside what was stated, marked (推定) with its reason; what cannot be read is noted and kept.
"""
