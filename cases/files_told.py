"""What a letter says of the files that came: each by its name, whether we can use it, and what to do when not. Pure."""

from collections.abc import Sequence

from cases.events import FileSeen
from cases.journey_folder import JourneyFolder
from cases.vocabulary import FileKind, FileStatus

LONGEST_NAME = 80  # characters


def files_told(files: Sequence[FileSeen], folder: JourneyFolder, language: str) -> str:
    """A line for each; "" for no files. Signs and logos that stood inside a mail are no files to its sender."""
    lines = [_line(file, folder, language) for file in files if not _is_ornament(file)]
    return "\n".join([folder.say(language, "letter.files"), *lines]) if lines else ""


def _is_ornament(file: FileSeen) -> bool:
    return file.kind is FileKind.OTHER and file.status is FileStatus.RECEIVED


def _line(file: FileSeen, folder: JourneyFolder, language: str) -> str:
    name = " ".join(file.name.split())[:LONGEST_NAME]
    if file.status is FileStatus.RECEIVED:
        return folder.say(language, "letter.file.received", name=name)
    again = "photo" if file.kind is FileKind.PHOTO else "file"
    return folder.say(
        language, "letter.file.unusable", name=name, reason=folder.say(language, f"reason.{file.reason}"),
        again=folder.say(language, f"letter.file.again.{again}"),
    )  # fmt: skip
