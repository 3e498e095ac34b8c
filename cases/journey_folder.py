"""A journey as published: spec, decision tables, letters and words, with one digest over all of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from cases.journey_spec import Journey
from cases.rules import FORBIDDEN_ELSE, Row, Table, read_table, table_digest
from cases.rules.chain import in_order

ROOT_TABLE = "next_step"


@dataclass(frozen=True)
class JourneyFolder:
    """Everything a decision or a page reads of a journey. Built from files or from a stored snapshot, alike."""

    journey: Journey
    tables: Mapping[str, Table]
    letters: Mapping[str, Mapping[str, str]]  # language -> letter -> template
    words: Mapping[str, Mapping[str, str]]  # language -> key -> sentence of pages and decision files

    @cached_property
    def snapshot(self) -> dict[str, Any]:
        """As plain data. The journey is one JSON text: its keys have an order (milestones, options) that a canonical
        body would lose by sorting them.
        """
        return {
            "journey": self.journey.model_dump_json(),
            "tables": {name: table.as_dict() for name, table in self.tables.items()},
            "letters": {language: dict(texts) for language, texts in self.letters.items()},
            "words": {language: dict(texts) for language, texts in self.words.items()},
        }

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(orjson.dumps(self.snapshot, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def name(self) -> str:
        return self.journey.name

    @property
    def root(self) -> Table:
        return self.tables[ROOT_TABLE]

    @cached_property
    def upstream(self) -> Mapping[str, str]:
        """The tables that the root table rests on and their digests, in the order they are asked; mostly none."""
        return {table.id: table_digest(table) for table in in_order(self.tables, ROOT_TABLE)[:-1]}

    @cached_property
    def root_rows(self) -> Mapping[str, Row]:
        """The rows of the root table by id, without its else-row."""
        return {row.id: row for row in self.root.rows}

    @cached_property
    def row_words(self) -> dict[tuple[str, str, str], tuple[str, str, str]]:
        """(language, row, input) -> description, label and cell in words, as far as they were needed before."""
        return {}

    @cached_property
    def root_digest(self) -> str:
        return table_digest(self.root)

    def say(self, language: str, key: str, /, **parts: object) -> str:
        """A sentence in a language, else in English, else the key itself, so that nothing is ever blank."""
        for candidate in (language, "en", self.journey.languages[0]):
            sentence = self.words.get(candidate, {}).get(key)
            if sentence is not None:
                return sentence.format_map(_Parts(parts)) if parts else sentence
        return key

    def worded(self, wording: Mapping[str, str], language: str) -> str:
        """One wording in a language, else in the journey's first."""
        return wording.get(language) or wording.get(self.journey.languages[0]) or next(iter(wording.values()), "")


class _Parts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def from_snapshot(snapshot: Mapping[str, Any]) -> JourneyFolder:
    """The folder as it stood when the snapshot was taken."""
    return JourneyFolder(
        journey=Journey.model_validate_json(snapshot["journey"]),
        tables={
            name: read_table(data, file=name, lines={}, forbidden_else=FORBIDDEN_ELSE)
            for name, data in snapshot["tables"].items()
        },
        letters=snapshot["letters"],
        words=snapshot["words"],
    )
