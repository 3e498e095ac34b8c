"""YAML as data only, with the line of every key: no tags, no aliases, no duplicate keys, at most 1 MB."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.reader import ReaderError

from cases.rules.problems import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 50  # lists and mappings within each other; libyaml's composer would run out of the process's own stack
KeyPath = tuple[str | int, ...]
_PLAIN, _NOT_PLAIN = "tag:yaml.org,2002:", frozenset({"binary", "set", "omap", "pairs"})
_TEXT = f"{_PLAIN}str"
_UNLIKE = re.compile(r"\t|[\[{,]\s*\?")
_Quick = getattr(yaml, "CSafeLoader", None)  # where PyYAML was built with libyaml


class FileRefused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Document:
    data: Any
    lines: Mapping[KeyPath, int]


def read_yaml(path: Path, *, name: str) -> Document:
    """Read one file; raise FileRefused naming file, line and mend."""
    text = read_text(path, name=name)
    try:
        return _read(text, name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FileRefused(Problem(name, line, "", f"not YAML: {error.problem}", "correct the line")) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the character U+{ord(text[error.position]):04X} cannot stand in YAML"
        raise FileRefused(Problem(name, line, "", what, "take it out")) from error
    except yaml.YAMLError as error:
        raise FileRefused(Problem(name, None, "", f"not YAML: {error}", "correct the file")) from error


def read_text(path: Path, *, name: str) -> str:
    """Read a small UTF-8 file that is no symlink."""
    if path.is_symlink():
        raise FileRefused(Problem(name, None, "", "it is a symbolic link", "put the file itself in the folder"))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileRefused(
                Problem(name, None, "", "it is larger than 1 MB", "split it or take out what is not needed")
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileRefused(Problem(name, None, "", f"not UTF-8 at byte {error.start}", "save it as UTF-8")) from error
    except OSError as error:
        raise FileRefused(
            Problem(name, None, "", f"cannot be read ({error.strerror})", "put the file there")
        ) from error


def dotted(path: KeyPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _read(text: str, name: str) -> Document:
    """With libyaml's parser, nine times as fast; where that one stumbles, with the one that explains better.

    They read alike but for tabs, and for a question mark that begins a word in a list: libyaml forgives more of them.
    """
    if _Quick is not None and not _UNLIKE.search(text):
        with suppress(yaml.YAMLError):
            return _document(text, name, _Quick)
    return _document(text, name, yaml.SafeLoader)


def _document(text: str, name: str, parser: Any) -> Document:
    _check_events(text, name, parser)
    node = yaml.compose(text, Loader=parser)
    lines: dict[KeyPath, int] = {}
    return Document(None if node is None else _Reader(name, lines).value(node, ()), lines)


def _check_events(text: str, name: str, parser: Any) -> None:
    """Before anything is built: aliases, and nesting that would be too much for what builds it."""
    depth = 0
    for event in yaml.parse(text, Loader=parser):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise FileRefused(Problem(name, line, "", "anchors and aliases are not allowed", "write the value out"))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            what = f"lists and mappings lie more than {MAX_DEPTH} deep in each other"
            raise FileRefused(Problem(name, line, "", what, "close brackets, or nest less"))


class _Reader:
    """Plain values of nodes, noting the line of each key on the way."""

    def __init__(self, name: str, lines: dict[KeyPath, int]) -> None:
        self._name, self._lines = name, lines
        self._scalars = SafeConstructor()

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        line = node.start_mark.line + 1
        self._lines.setdefault(path, line)
        if not node.tag.startswith(_PLAIN) or node.tag.removeprefix(_PLAIN) in _NOT_PLAIN:
            raise self._refused(line, path, f"tag {node.tag} is not allowed", "write plain data")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if node.tag == _TEXT:
            return node.value
        try:
            return self._scalars.construct_object(node, deep=True)
        except ValueError as error:  # looks like a date or a number, and is none
            raise self._refused(line, path, f"not YAML: {error}", "correct it, or put it in quotes") from error

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == f"{_PLAIN}merge":
                raise self._refused(line, path, "a key must be a plain word", "write a simple key")
            key = str(key_node.value)
            if key in data:
                raise self._refused(line, (*path, key), "the key stands twice", "keep one of them")
            self._lines[(*path, key)] = line
            data[key] = self.value(value_node, (*path, key))
        return data

    def _refused(self, line: int, path: KeyPath, what: str, mend: str) -> FileRefused:
        return FileRefused(Problem(self._name, line, dotted(path), what, mend))
