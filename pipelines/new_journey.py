"""Writes a journey folder for a new kind of message: complete, checked, and careful until its owner says otherwise."""

import csv
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cases.errors import CaseError
from cases.rules import literal_text
from models.errors import UnreadableRow
from models.examples import OUT_OF_SCOPE, Labelled, read_rows
from models.labels import topic_key
from models.language import detect
from pipelines.journey_examples import example_problems
from pipelines.journeys import JourneyRefused, read_folder
from pipelines.yaml_lines import read_yaml

TEMPLATES = Path(__file__).parent.parent / "configs" / "templates" / "journey"
FALLBACK = "en"  # wording of languages for which no words are shipped
MILESTONES = (
    ("received", ("received",), ()),
    ("read", ("reading", "waiting_customer"), ()),
    ("handled", ("with_expert", "waiting_third_party", "reopened"), ()),
    ("decision", ("decided", "handing_over"), ()),
    ("done", ("closed",), ("grant", "answer", "refuse")),
)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,47}")
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE)
_SAMPLE = 20_000  # characters of the data that tell its language
_Say = Callable[[str], dict[str, str]]


class JourneyNotWritten(CaseError):
    """Nothing was written; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class NewJourney:
    """Where the folder lies, what it holds, and what its owner should know about how it came to be."""

    path: Path
    topics: int
    examples: int
    languages: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Topic:
    """One topic as the templates show it. cell: its key as a cell of the decision table."""

    key: str
    name: str
    title: str
    description: str
    cell: str
    row: str


@dataclass(frozen=True, slots=True)
class _Messages:
    """Labelled messages with topic keys for labels, and the first spelling of each key's label."""

    rows: tuple[Labelled, ...]
    labels: Mapping[str, str]
    notes: tuple[str, ...] = ()


def write_journey(out: Path, name: str, *, languages: Sequence[str], data: Path | None = None) -> NewJourney:
    """Write out/name with topics and examples from a CSV file, or with two placeholder topics.

    The folder appears whole or not at all. Raises JourneyNotWritten, UnreadableRow, and JourneyRefused when the check
    finds what the data does not allow (a single label, say).
    """
    _refuse_names(out, name, languages)
    words = {language: _words(language) for language in languages}
    say = partial(_said, words)
    messages = _placeholders(languages) if data is None else _from_data(data, languages)
    strange = [language for language in languages if not _words_file(language).is_file()]
    notes = [
        *messages.notes,
        *(f"no wording is shipped in {one!r}: it reads in English, translate it" for one in strange),
    ]
    topics = _topics(messages, words, say)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-journey-", dir=out) as aside:
        folder = Path(aside) / name
        _write_texts(folder, _shown(name, topics, say, notes))
        _write_letters(folder, languages)
        _write_examples(folder / "examples", messages)
        _check(folder)
        folder.rename(out / name)
    return NewJourney(out / name, len(topics), len(messages.rows), tuple(languages), tuple(notes))


def _refuse_names(out: Path, name: str, languages: Sequence[str]) -> None:
    if not _KEY.fullmatch(name):
        mend = f"use lower-case letters, digits and _, for example {topic_key(name)!r}"
        raise JourneyNotWritten(f"NAME {name!r} cannot name a journey; {mend}")
    if (out / name).exists():
        raise JourneyNotWritten(f"{out / name} exists already; choose another NAME or --out, or move it away")
    wrong = [language for language in languages if not re.fullmatch(r"[a-z]{2}", language)]
    if wrong or not languages or len(set(languages)) < len(languages):
        shown = ", ".join(wrong or languages) or "nothing"
        raise JourneyNotWritten(f"--languages: {shown}; give different two-letter codes with commas, such as nl,en")


def _words_file(language: str) -> Path:
    return TEMPLATES / "words" / f"{language}.yaml"


def _words(language: str) -> dict[str, str]:
    file = _words_file(language)
    shown = file if file.is_file() else _words_file(FALLBACK)
    return {key: str(value) for key, value in read_yaml(shown, name=f"words/{shown.name}").data.items()}


def _said(words: Mapping[str, Mapping[str, str]], key: str) -> dict[str, str]:
    return {language: said[key] for language, said in words.items()}


def _placeholders(languages: Sequence[str]) -> _Messages:
    """The shipped messages of two placeholder topics, in each language that has them."""
    files = {_either(TEMPLATES / "examples", f"{language}.csv") for language in languages}
    rows = [replace(row, language=file.stem) for file in sorted(files) for row in read_rows(file)]
    labels = {row.label: row.label for row in rows if row.label != OUT_OF_SCOPE}
    return _Messages(
        tuple(rows), labels, ("the two topics are placeholders: put your own labelled messages in examples/",)
    )


def _either(folder: Path, name: str) -> Path:
    """folder/name, or the English one where there is none in this language."""
    return folder / name if (folder / name).exists() else folder / name.replace(name.partition(".")[0], FALLBACK, 1)


def _from_data(file: Path, languages: Sequence[str]) -> _Messages:
    rows = read_rows(file)
    spellings: dict[str, dict[str, None]] = {}
    for row in rows:
        spellings.setdefault(topic_key(row.label), {})[row.label] = None
    labels = {key: next(iter(found)) for key, found in spellings.items() if key != OUT_OF_SCOPE}
    if not labels:
        raise JourneyNotWritten(f"{file.name} has no label but {OUT_OF_SCOPE}; label messages with their topics")
    unsaid = [row.text for row in rows if not row.language]
    usual = detect([" ".join(unsaid)[:_SAMPLE]], languages)[0][0] if len(languages) > 1 and unsaid else languages[0]
    filed = tuple(
        replace(row, label=topic_key(row.label), language=_language(row, file.name) if row.language else usual)
        for row in rows
    )
    notes = [
        f"the labels {', '.join(found)} are one topic: {key}" for key, found in spellings.items() if len(found) > 1
    ]
    renamed = sum(found != key for key, found in labels.items())
    if renamed:
        notes.append(f"{renamed} labels were written as topic keys; data files may keep the old spelling")
    return _Messages(filed, labels, (*notes, "titles of topics come from the labels: word them for customers"))


def _language(row: Labelled, file: str) -> str:
    found = _LANGUAGE.fullmatch(row.language)
    if found is None:
        raise UnreadableRow(file, row.line, f"language is {row.language!r}", mend="write a two-letter code such as nl")
    return found[1].lower()


def _topics(messages: _Messages, words: Mapping[str, Mapping[str, str]], say: _Say) -> list[_Topic]:
    topics = []
    for number, (key, label) in enumerate(messages.labels.items(), start=1):
        worded = f"topics.{key}.title"
        placed = all(worded in said for said in words.values()) and label == key
        titles = say(worded) if placed else dict.fromkeys(words, _human(label))
        described = {one: said.replace("{title}", titles[one]) for one, said in say("topic.description").items()}
        topics.append(
            _Topic(
                key=key,
                name=titles.get(FALLBACK) or next(iter(titles.values())),
                title=_wording(titles),
                description=_wording(described),
                cell=literal_text(key),
                row=f"R-{10 * number:04d}",
            )
        )
    return topics


def _human(label: str) -> str:
    """A label as a title: Refund_not_showing_up reads as Refund not showing up."""
    text = " ".join(re.sub(r"[_/]+", " ", "".join(sign if sign.isprintable() else " " for sign in label)).split())
    return (text[:1].upper() + text[1:])[:200] or label[:200]


def _wording(by_language: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{language}: {_quoted(text)}" for language, text in by_language.items()) + "}"


def _quoted(text: str) -> str:
    """A string that YAML reads as it stands: JSON's quoting is YAML's."""
    return json.dumps(text, ensure_ascii=False)


def _shown(name: str, topics: Sequence[_Topic], say: _Say, notes: Sequence[str]) -> dict[str, Any]:
    """Everything that the templates may name."""
    languages = list(say("case_name"))
    return {
        "name": name,
        "title": _human(name),
        "languages": languages,
        "topics": topics,
        "sample": topics[0].cell,
        "milestones": MILESTONES,
        "notes": notes,
        "quoted": _quoted,
        "words": lambda key: _wording(say(key)),
        "plain": lambda key: next(iter(say(key).values())),
        "same": lambda text: _wording(dict.fromkeys(languages, str(text))),
    }


def _write_texts(folder: Path, values: Mapping[str, Any]) -> None:
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # YAML and plain text; every value is quoted by _quoted
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for file in ("journey.yaml", "rules/next_step.yaml", "README.md"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(pages.get_template(file).render(values), encoding="utf-8")


def _write_letters(folder: Path, languages: Sequence[str]) -> None:
    for language in languages:
        place = folder / "letters" / language
        place.mkdir(parents=True)
        for letter in sorted(_either(TEMPLATES / "letters", language).glob("*.txt")):
            (place / letter.name).write_bytes(letter.read_bytes())


def _write_examples(place: Path, messages: _Messages) -> None:
    place.mkdir()
    for language in sorted({row.language for row in messages.rows}):
        with (place / f"{language}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("text", "label", "language", "group"))
            writer.writerows((r.text, r.label, r.language, r.group) for r in messages.rows if r.language == language)


def _check(path: Path) -> None:
    folder, problems = read_folder(path)
    if folder is not None:
        problems += example_problems(path, folder)
    if folder is None or problems:
        raise JourneyRefused(path.name, problems)
