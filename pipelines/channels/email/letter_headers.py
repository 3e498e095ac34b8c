"""Mail headers as the standard library writes them, without parsing the same words for each letter anew."""

from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import EmailPolicy
from typing import Any

_ALIKE = frozenset(
    {"from", "auto-submitted", "content-language", "mime-version", "content-type", "content-transfer-encoding"}
)  # headers that most letters share; the others hold somebody's address or reference, and are not kept
_KEPT = 256


class _Registry(HeaderRegistry):
    """Keeps the class of each header, which the library would build for each letter, and headers that come again."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: dict[str, type[BaseHeader]] = {}
        self._headers: dict[tuple[str, str], BaseHeader] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        key = name.lower()
        if key not in self._classes:
            self._classes[key] = super().__getitem__(name)
        return self._classes[key]

    def __call__(self, name: str, value: Any) -> BaseHeader:
        known = self._headers.get((name, value))
        if known is None:
            known = self[name](name, value)
            if name.lower() in _ALIKE and len(self._headers) < _KEPT:
                self._headers[name, value] = known
        return known


#: For `EmailMessage(LETTERS)`. Headers are values: they may stand in several letters.
LETTERS = EmailPolicy(header_factory=_Registry())
