"""YAML as data only, with the line of every key: no tags, no aliases, no duplicate keys, at most 1 MB."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cases.rules.problems import Problem

MAX_BYTES = 1_000_000
KeyPath = tuple[str | int, ...]


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
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_aliases(text, name)
        lines: dict[KeyPath, int] = {}
        data = None if node is None else _value(node, (), lines, name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FileRefused(Problem(name, line, "", f"not YAML: {error.problem}", "correct the line")) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FileRefused(Problem(name, None, "", f"not YAML: {error}", "correct the file")) from error
    return Document(data, lines)


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


def _refuse_aliases(text: str, name: str) -> None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else None
            raise FileRefused(Problem(name, line, "", "anchors and aliases are not allowed", "write the value out"))


def _value(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], name: str) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.rsplit(":", 1)[1] in (
        "binary",
        "set",
        "omap",
        "pairs",
    ):
        raise FileRefused(Problem(name, line, dotted(path), f"tag {node.tag} is not allowed", "write plain data"))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, name)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), lines, name) for index, item in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node, deep=True)


def _mapping(node: yaml.MappingNode, path: KeyPath, lines: dict[KeyPath, int], name: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise FileRefused(Problem(name, line, dotted(path), "a key must be a plain word", "write a simple key"))
        key = str(key_node.value)
        if key in data:
            raise FileRefused(Problem(name, line, dotted((*path, key)), "the key stands twice", "keep one of them"))
        lines[(*path, key)] = line
        data[key] = _value(value_node, (*path, key), lines, name)
    return data
