"""One BLAS thread a worker: on a shared machine more threads turn milliseconds into hundreds."""

import functools
from typing import Any

import scipy.linalg  # noqa: F401  # loads scipy's BLAS beside numpy's, so that both are found below
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


def one_thread() -> Any:
    """A context in which numpy and scipy compute on one thread."""
    return _controller().limit(limits=1)


@functools.cache
def _controller() -> Any:
    """Looked up once: finding the loaded libraries reads the process's memory map, 2.5 ms each time."""
    return ThreadpoolController()
