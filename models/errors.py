"""What can go wrong with a model, named after the fact; every message tells what to do."""


class ModelError(Exception):
    """Any expected failure of this package."""


class UnreadableRow(ModelError):
    """A row of a CSV file cannot be used."""

    def __init__(self, file: str, line: int, problem: str, *, mend: str) -> None:
        super().__init__(f"{file}, line {line}: {problem}; {mend}")
        self.file, self.line, self.problem, self.mend = file, line, problem, mend


class TooFewExamples(ModelError):
    def __init__(self, found: str, *, mend: str) -> None:
        super().__init__(f"too few examples: {found}; {mend}")


class NotConverged(ModelError):
    def __init__(self, head: str, rounds: int) -> None:
        super().__init__(
            f"the {head} stopped after {rounds} rounds without converging; raise its max_iter or lower its C"
        )


class ConstantPredictor(ModelError):
    def __init__(self, head: str, label: str) -> None:
        super().__init__(
            f"the {head} says {label!r} for every training example; check that the labels differ in their texts"
            " and that no label owns nearly all rows"
        )


class DigestMismatch(ModelError):
    """The bytes on disk are not the bytes that were registered; nothing was loaded."""

    def __init__(self, what: str, *, expected: str, found: str) -> None:
        super().__init__(f"{what} has sha256 {found}, expected {expected}; restore it from a backup or train it again")


class UnknownModel(ModelError):
    def __init__(self, what: str, known: list[str]) -> None:
        listed = ", ".join(known) or "none yet"
        super().__init__(f"there is no {what}; known: {listed}; train it first or correct the name")


class BadName(ModelError):
    def __init__(self, what: str, name: str) -> None:
        super().__init__(
            f"{name!r} cannot be the {what} of a model; use lower-case letters, digits, '.', '_' and '-',"
            " beginning with a letter or digit"
        )
