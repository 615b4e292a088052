"""When Python looks through what it holds for rings of garbage."""

import gc


def look_seldom() -> None:
    """Leave what is held now alone for good, and look through the rest once in some thousand answers.

    The program itself is never garbage: looking through it takes longer than any answer. What answers make goes by itself but
    for some twenty objects each; what is remembered of the last searches would be looked through with them, some ten
    milliseconds in which everybody waits.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(60_000, 4, 10)
