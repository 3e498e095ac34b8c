"""A journey's sentences for the languages that only its customers' pages speak: words/<language>.yaml, key by key.

The keys are places in journey.yaml: `milestones.received.label: Reçu`. Nothing is decided, detected or written in
these languages; a customer who chose one reads the pages in it, and the letters in a language of the journey.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from cases.rules.problems import Problem, instead_of
from pipelines.yaml_lines import Document, FileRefused, read_yaml

#: The wordings that customers' pages show, by their place in journey.yaml.
_SHOWN = re.compile(
    r"title|case_name|organisation\.(hours|complaints)|topics\.\w+\.title|emergency\.\w+\.text"
    r"|requests\.\w+\.(title|text|statement|choices\.\w+)"
    r"|explanation\.(reasons\.[\w-]+|facts\.\w+|changes\.[\w-]+\.\w+)"
    r"|milestones\.\w+\.(label|explain|(statuses|outcomes)\.\w+\.(heading|next))"
)


def shown_wordings(data: Any) -> dict[str, Mapping[str, str]]:
    """Place -> language -> sentence, of everything a customer's page shows of a journey, in its order."""
    return {place: wording for place, wording in _wordings(data, "") if _SHOWN.fullmatch(place)}


def _wordings(data: Any, place: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    if not isinstance(data, Mapping):
        return
    if data and all(isinstance(key, str) and len(key) == 2 and isinstance(data[key], str) for key in data):  # noqa: PLR2004  # a language
        yield place, data
        return
    for key, value in data.items():
        yield from _wordings(value, f"{place}.{key}" if place else str(key))


def with_page_words(path: Path, document: Document, problems: list[Problem]) -> Document:
    """The journey with what words/<language>.yaml says of its page_languages; what is wrong is added to problems."""
    data = document.data
    languages = data.get("page_languages") if isinstance(data, dict) else None
    if not isinstance(languages, list):
        return document
    merged = deepcopy(data)
    places = shown_wordings(merged)
    for language in languages:
        name = f"{path.resolve().name}/words/{language}.yaml"
        try:
            words = read_yaml(path / "words" / f"{language}.yaml", name=name)
        except FileRefused as error:
            problems.append(error.problem)
            continue
        problems.extend(_taken(words, str(language), name, places))
    return Document(merged, document.lines)


def _taken(words: Document, language: str, name: str, places: Mapping[str, Any]) -> Iterator[Problem]:
    """Puts each sentence in its place; yields those that have none."""
    if not isinstance(words.data, dict):
        yield Problem(name, 1, "", "the file is not a list of keys", "write a place in journey.yaml and its sentence")
        return
    for key, sentence in words.data.items():
        line = words.lines.get((key,))
        if key not in places:
            yield Problem(name, line, str(key), "no page shows such a place of journey.yaml",
                          instead_of(str(key), list(places)))  # fmt: skip
        elif not isinstance(sentence, str) or not sentence.strip():
            yield Problem(name, line, key, "it is not a sentence", "write the words, within quotes if need be")
        else:
            places[key][language] = sentence
