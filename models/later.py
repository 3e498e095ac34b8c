"""Libraries that only training and certifying need: serving neither waits for them nor holds them in memory."""

import importlib
from typing import Any


class Later:
    """A module that is imported when something of it is first used: `stats = Later("scipy.stats")`."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._module), name)
