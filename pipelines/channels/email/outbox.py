"""Letters as .eml files: the post of the embedded default."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from pipelines.files import write_once


class EmlOutbox:
    """One .eml file a letter at folder/<case>/<letter id>.eml: exactly once, by its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: EmailMessage, *, sender: str, case_id: str, letter_id: str) -> str:  # noqa: ARG002  # the port's shape
        write_once(self._folder / case_id / f"{letter_id}.eml", mail.as_bytes(policy=SMTP))
        return "eml"

    def close(self) -> None:
        """Nothing is held open."""
