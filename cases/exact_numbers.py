"""Numbers as they were written: files are read with floats, and a promise is held to decimals."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def exact(data: Any) -> Any:
    """Plain data with every float as the decimal it was written as, at any depth."""
    if isinstance(data, Mapping):
        return {key: exact(value) for key, value in data.items()}
    if isinstance(data, list):
        return [exact(value) for value in data]
    return Decimal(repr(data)) if isinstance(data, float) else data
