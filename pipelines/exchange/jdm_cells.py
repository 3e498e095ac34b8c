"""Cells of GoRules tables (the zen expression language) in our words, and back. What has no word there is None."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from cases.rules.cells import Cell, Form, Has, Is, Test, Within
from cases.rules.domains import Known as KnownValue
from pipelines.exchange.dmn_cells import cell_of, cell_values, constant
from pipelines.exchange.feel import Value

_TEXT: Final = re.compile(r'"([^"]*)"|\'([^\']*)\'')  # no escapes in zen
_BOTH_ENDS: Final = re.compile(r"(>=?)\s*([^<>=,]+?)\s+and\s+(<=?)\s*([^<>=,]+)")
_NOT_IN: Final = re.compile(r"not\s+in\s+\[([^\[\]]*)\]")
_IN: Final = re.compile(r"in\s+(\[[^\[\]]*\])")
_PART: Final = re.compile(r"not \(\$ (?:in (\[[^\[\]]*\])|([<>]=?) ([^()]+|d\([^()]*\)))\)")
_GUARD: Final = "$ != null and "
_SIGN: Final = re.compile(r"\$\s*([<>]=?|==|!=)\s*(.+)")


def cell_of_zen(text: str) -> str | None:
    """A cell as a cell of ours, `-` for any value; None when it cannot be said there."""
    feel = _feel(text)
    return None if feel is None else cell_of(feel)


def values_of_zen(text: str) -> list[Value]:
    """The values that a cell names, as far as they are constants."""
    feel = _feel(text)
    return [] if feel is None else [value for value in cell_values(feel) if value is not None]


def constant_of_zen(text: str) -> tuple[bool, Value]:
    """Whether a result is a constant, and which."""
    texts, masked = _masked(text)
    return constant(_unmasked(_dates(masked), texts))


def zen_cell(cell: Cell) -> str | None:
    """A cell of ours for zen, where null never meets `not(…)`; None when zen has no word for it."""
    tests = [_zen_test(test) for test in cell.tests]
    if None in tests:
        return None
    match cell.form:
        case Form.ANY:
            return ""
        case Form.MISSING:
            return "null"
        case Form.PRESENT:
            return "!= null"
        case Form.IN:
            return ", ".join(str(one) for one in tests)
        case Form.NOT_IN:
            parts = [_zen_negated(test) for test in cell.tests]
            return None if None in parts else _GUARD + " and ".join(str(one) for one in parts)


def zen_literal(value: KnownValue | tuple[str, ...] | None) -> str | None:
    """A value of ours for zen: texts without escapes, dates as texts."""
    match value:
        case None:
            return "null"
        case str():
            quote = "'" if '"' in value else '"'
            return None if quote in value or "\n" in value else f"{quote}{value}{quote}"
        case bool():
            return "true" if value else "false"
        case tuple():
            items = [zen_literal(one) for one in value]
            return None if None in items else f"[{', '.join(str(one) for one in items)}]"
        case date():
            return f'"{value.isoformat()}"'
        case int():
            return str(value)
        case _:
            text = str(value)
            return text if text.lstrip("-").replace(".", "", 1).isdigit() else None  # durations have no word


def _zen_test(test: Test) -> str | None:
    match test:
        case Is(value=value):
            literal = zen_literal(value)
            return f"== {literal}" if literal is not None and literal.startswith("-") else literal
        case Within():
            return _zen_range(test)
        case Has():
            return None


def _zen_range(test: Within) -> str | None:
    low, high = (None if end is None else _bound(end) for end in (test.low, test.high))
    if (test.low is not None and low is None) or (test.high is not None and high is None):
        return None
    above, below = f"{'>' if test.low_open else '>='} {low}", f"{'<' if test.high_open else '<='} {high}"
    if low is None or high is None:
        return below if low is None else above
    if isinstance(test.low, date):
        return f"{above} and {below}"  # zen has no intervals of dates
    return f"{'(' if test.low_open else '['}{low}..{high}{')' if test.high_open else ']'}"


def _zen_negated(test: Test) -> str | None:
    match test:
        case Is(value=value):
            literal = zen_literal(value)
            return None if literal is None else f"not ($ in [{literal}])"
        case Within(low=low, high=high) if low is None or high is None:
            return f"not ($ {_zen_range(test)})"
        case Within():
            closed = not test.low_open and not test.high_open and not isinstance(test.low, date)
            return f"not ($ in {_zen_range(test)})" if closed else None
        case Has():
            return None


def _bound(value: Any) -> str | None:
    literal = zen_literal(value)
    return f"d({literal})" if literal is not None and isinstance(value, date) else literal


def _feel(text: str) -> str | None:
    """The same cell in FEEL; None for what zen understands otherwise, or not at all."""
    texts, masked = _masked(text.strip())
    if masked == "-" or masked.startswith("]") or "?" in masked or '"' in masked or "'" in masked:
        return None  # `-` is nothing in zen, and ]a..b[ is what lies outside
    if masked.startswith(_GUARD):
        found = _guarded(masked.removeprefix(_GUARD))
        return None if found is None else _unmasked(_dates(found), texts)
    found = _simple(masked)
    return None if found is None or "$" in found else _unmasked(_dates(found), texts)


def _guarded(text: str) -> str | None:
    parts = _PART.findall(text)
    rebuilt = " and ".join(
        f"not ($ {f'in {listed}' if listed else f'{sign} {bound}'})" for listed, sign, bound in parts
    )
    if not parts or rebuilt != text:
        return None
    tests = [
        (listed if ".." in listed else listed[1:-1]) if listed else f"{sign} {bound}" for listed, sign, bound in parts
    ]
    return f"not({', '.join(tests)})"


def _simple(text: str) -> str | None:
    if text in ("!= null", "$ != null"):
        return "not(null)"
    if found := _NOT_IN.fullmatch(text):
        return None if ".." in found[1] else f"not({found[1]})"
    if found := _IN.fullmatch(text):
        return found[1]
    if (found := _SIGN.fullmatch(text)) and " and " not in text and " or " not in text and "," not in text:
        text = f"{found[1]} {found[2]}"
    parts = [_both_ends(part.strip()) for part in _split(text)]
    return None if None in parts else ", ".join(str(part) for part in parts)


def _both_ends(text: str) -> str | None:
    if found := _BOTH_ENDS.fullmatch(text):
        low, high = "[" if found[1] == ">=" else "(", "]" if found[3] == "<=" else ")"
        return f"{low}{found[2]}..{found[4]}{high}"
    if " and " in text or " or " in text:
        return None
    return f"= {text[2:].strip()}" if text.startswith("==") else text


def _split(text: str) -> Sequence[str]:
    """At commas outside brackets."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _masked(text: str) -> tuple[list[str], str]:
    """Texts taken out, so that nothing inside them is read as language."""
    texts: list[str] = []

    def mask(found: re.Match[str]) -> str:
        texts.append(found[1] if found[1] is not None else found[2])
        return f"\u00a7{len(texts) - 1}\u00a7"

    return texts, _TEXT.sub(mask, text.replace("\u00a7", "?"))


def _unmasked(text: str, texts: Sequence[str]) -> str:
    def unmask(found: re.Match[str]) -> str:
        escaped = texts[int(found[1])].replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    return re.sub("\u00a7([0-9]+)\u00a7", unmask, text)


def _dates(text: str) -> str:
    return re.sub(r"\bd\(", "date(", text)
