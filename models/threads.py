"""One BLAS thread a worker: on a shared machine more threads turn milliseconds into hundreds."""

import functools
import sys
from typing import Any

import numpy as np  # noqa: F401  # loads the first of the libraries that are found below
from threadpoolctl import ThreadpoolController

_BRING_THEIR_OWN = ("scipy.linalg", "sklearn")  # BLAS and OpenMP, beside numpy's


def one_thread() -> Any:
    """A context in which numpy, scipy and scikit-learn, as far as they are loaded, compute on one thread."""
    return _controller(tuple(name in sys.modules for name in _BRING_THEIR_OWN)).limit(limits=1)


@functools.cache
def _controller(_: tuple[bool, ...]) -> Any:
    """Looked up once for what is loaded: finding the libraries reads the process's memory map, 2.5 ms each time."""
    return ThreadpoolController()
