"""Why a PDF was not made."""

from cases.errors import CaseError


class PaperNotMade(CaseError):
    """The decision file itself is whole; only its PDF could not be made now."""

    status = 503
    seconds = 30  # after which it is worth trying again

    def __init__(self, why: str) -> None:
        super().__init__(f"the PDF could not be made: {why}; the decision file can be read on its page and as JSON")


class SealUnusable(CaseError):
    """The key or certificate that PDFs are sealed with cannot be used; an administrator mends it."""

    status = 503
    seconds = 300

    def __init__(self, why: str) -> None:
        super().__init__(f"PDFs cannot be sealed: {why}")
