"""A journey's page words as a gettext catalogue (PO), for translators with tools of their own, and back."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from cases.journey_folder import JourneyFolder
from cases.rules.problems import Problem, instead_of
from pipelines.page_words import shown_wordings
from pipelines.plain_words import gaps

HEADER = "# What customers' pages say in this language, by place in journey.yaml.\n"


def catalogue(folder: JourneyFolder, language: str) -> bytes:
    """Every sentence that pages show, with what it is in this language so far. Context: its place in journey.yaml."""
    first = folder.journey.languages[0]
    made = Catalog(locale=language, project=folder.name, charset="utf-8")
    for place, wording in shown_wordings(folder.journey.model_dump(mode="json")).items():
        made.add(wording[first], wording.get(language, ""), context=place)
    written = BytesIO()
    write_po(written, made, width=0, omit_header=False)
    return written.getvalue()


def take_catalogue(folder: JourneyFolder, path: Path, file: Path, *, language: str) -> list[Problem]:
    """Write words/<language>.yaml of the journey at path from a catalogue; with any problem, nothing of it."""
    try:
        read = read_po(BytesIO(file.read_bytes()), locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        return [Problem(file.name, None, "", f"not a catalogue: {error}", "export it again and translate that")]
    first = folder.journey.languages[0]
    source = {
        place: wording[first] for place, wording in shown_wordings(folder.journey.model_dump(mode="json")).items()
    }
    told = {str(message.context): message for message in read if message.id}
    problems = list(_problems(source, told, file.name))
    if not problems:
        words = {place: str(told[place].string) for place in source}
        target = path / "words" / f"{language}.yaml"
        target.parent.mkdir(exist_ok=True)
        text = yaml.safe_dump(words, allow_unicode=True, sort_keys=False, width=1_000_000)
        target.write_text(HEADER + text, encoding="utf-8")
    return problems


def _problems(source: dict[str, str], told: dict[str, Message], name: str) -> Iterator[Problem]:
    for place, message in told.items():
        if place not in source:
            yield Problem(name, message.lineno, place, "no page shows such a place", instead_of(place, list(source)))
    for place, original in source.items():
        found = told.get(place)
        if found is None or not found.string:
            yield Problem(
                name, found.lineno if found else None, place, "it is not translated", f"translate: {original}"
            )
        elif found.fuzzy:
            yield Problem(name, found.lineno, place, "it is marked fuzzy", "check it and take the mark off")
        elif found.id != original:
            yield Problem(name, found.lineno, place, "its source has changed since", f"translate: {original}")
        elif gaps(str(found.string)) != gaps(original):
            yield Problem(name, found.lineno, place, "it fills in something else", f"as in: {original}")
