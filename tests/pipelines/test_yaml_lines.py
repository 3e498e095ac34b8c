"""Journey files are read by two parsers, the quick one and the careful one; nobody can tell which it was."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.yaml_lines import FileRefused, read_yaml

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted([*CONFIGS.glob("journeys/**/*.yaml"), *CONFIGS.glob("words/*.yaml")])
FOR_THE_CAREFUL = "\n#\t\n"  # a tab sends a file to the careful parser; in a comment it changes nothing

words = st.text(st.characters(codec="utf-8", exclude_characters="\t"), max_size=12)
plain = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False) | st.dates() | words
documents = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=12
)


def read(text: str) -> tuple[Any, ...]:
    """Data and lines, or the problem, of a file with this text."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "file.yaml"
        file.write_text(text, encoding="utf-8", newline="")
        try:
            document = read_yaml(file, name="file.yaml")
        except FileRefused as refused:
            return (refused.problem,)
        return repr(document.data), list(document.lines.items())


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_file_reads_alike_by_both_parsers(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert read(text) == read(text + FOR_THE_CAREFUL)
    assert len(read(text)) == 2


@settings(max_examples=200, deadline=None)
@given(
    data=documents,
    style=st.fixed_dictionaries({"default_flow_style": st.none() | st.booleans(), "allow_unicode": st.booleans()}),
)
def test_what_was_written_is_read_with_the_same_lines_by_both_parsers(data: Any, style: dict[str, Any]) -> None:
    text = yaml.safe_dump({"root": data}, **style)

    assert read(text) == read(text + FOR_THE_CAREFUL)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "expected ',' or ']'"),
        ("a: 1\nb:\n  - x\n y: 2\n", 4, "expected <block end>"),
        ("a: 1\nb: 'open\n", 3, "found unexpected end of stream"),
        ("a: 1\n\tb: 2\n", 2, "cannot start any token"),
        ("a: [b\tc, ?d]\n", 1, "not YAML"),
        ("a: 1\nb: &x 1\nc: *x\n", 2, "anchors and aliases"),
        ("a: 1\nb: !!binary x\n", 2, "tag"),
        ("a: 1\nb: !python/name:os.system x\n", 2, "tag"),
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice"),
        ("a:\n  <<: {b: 1}\n", 2, "plain word"),
        ("? [a, b]\n: 1\n", 1, "plain word"),
        ("a: 1\nb: 2026-02-30\n", 2, "not YAML: day is out of range"),
        (f"a: 1\nb: {'9' * 5000}\n", 2, "not YAML"),
        ("a: 1\nb: x\0y\n", 2, "U+0000 cannot stand in YAML"),
        ("a: 1\nb: " + "[" * 100_000, 2, "more than 50 deep"),
        ("a: 1\nb: " + "{a: " * 100_000, 2, "more than 50 deep"),
        ("- " * 100_000, 1, "more than 50 deep"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_whichever_parser_saw_it(text: str, line: int, what: str) -> None:
    [problem] = read(text)

    assert (problem.file, problem.line) == ("file.yaml", line)
    assert what in problem.what
