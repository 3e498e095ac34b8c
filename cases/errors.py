"""Errors that are expected: named after the fact, holding its parts, telling what to do."""


class CaseError(Exception):
    """Something a user or caller can mend."""


class NotFound(CaseError):
    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"there is no {what} {name!r}")
        self.what, self.name = what, name


class StaleVersion(CaseError):
    """Somebody else changed the case since it was read."""

    def __init__(self, reference: str, seen: int, now: int) -> None:
        super().__init__(f"case {reference} is at version {now}, you decided on version {seen}; read it again")
        self.reference, self.seen, self.now = reference, seen, now


class NotAllowed(CaseError):
    """An event may not follow here, or not by this actor."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} is not allowed: {why}")
        self.what, self.why = what, why


class StreamMoved(CaseError):
    """The stream got an event between reading and writing; read again and retry."""

    def __init__(self, stream: str, expected: int) -> None:
        super().__init__(f"{stream} moved past {expected}")
        self.stream, self.expected = stream, expected


class KeyReused(CaseError):
    """An idempotency key came with another body."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key!r} was used before with another body; use a new key for a new message")
        self.key = key
