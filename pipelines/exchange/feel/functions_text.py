"""The built-in functions of FEEL for texts. Patterns run in linear time (re2)."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import re2

from pipelines.exchange.feel.declared import declared
from pipelines.exchange.feel.values import FeelRefused, Function, Value, kind_of

_FLAGS: Final = frozenset("smix")
_BLANK: Final = re.compile(r"(\[[^\]]*\])|\s+")  # but not within brackets
_LONGEST: Final = 5_000_000
_GROUP: Final = re.compile(r"\\?\$(\d)")


def _substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    first = int(start)
    if not first or abs(first) > len(text) or (length is not None and length < 1):
        return None
    begin = first - 1 if first > 0 else len(text) + first
    return text[begin:] if length is None else text[begin : begin + int(length)]


def _before(text: str, match: str) -> Value:
    return text[: text.index(match)] if match in text else ""


def _after(text: str, match: str) -> Value:
    return text[text.index(match) + len(match) :] if match in text else ""


def _check_length(characters: int) -> None:
    if characters > _LONGEST:
        raise FeelRefused(f"a text of more than {_LONGEST} characters", "make it shorter")


def _pattern(pattern: str, flags: str) -> Any:
    """Raises ValueError for a pattern or flag that is not understood, which makes the result null."""
    if set(flags) - _FLAGS:
        raise ValueError(flags)
    if "x" in flags:  # blanks in the pattern mean nothing (XPath 3.1, 5.6.2)
        pattern, flags = _BLANK.sub(r"\1", pattern), flags.replace("x", "")
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        return re2.compile(f"(?{flags}){pattern}" if flags else pattern, options=quiet)
    except re2.error as error:
        raise ValueError(pattern) from error


def _matches(text: str, pattern: str, flags: str = "") -> Value:
    return _pattern(pattern, flags).search(text) is not None


def _replace(text: str, pattern: str, replacement: str, flags: str = "") -> Value:
    _check_length((len(text) + 1) * (len(replacement) + 1))
    groups = _GROUP.sub(r"\\\1", replacement.replace("\\", "\\\\") if "\\$" not in replacement else replacement)
    return str(_pattern(pattern, flags).sub(groups, text))


def _split(text: str, pattern: str) -> Value:
    return [str(part) for part in _pattern(pattern, "").split(text)]


def _join(items: list[Value], delimiter: str = "") -> Value:
    known = [item for item in items if item is not None]
    _check_length(sum(len(item) for item in known if isinstance(item, str)) + len(delimiter) * len(known))
    return delimiter.join(known) if all(kind_of(item) == "string" for item in known) else None


TEXT_FUNCTIONS: Final[Mapping[str, Function]] = {
    function.name: function
    for function in (
        declared("substring(string: string, start position: number, length?: number)", _substring),
        declared("string length(string: string)", lambda text: Decimal(len(text))),
        declared("upper case(string: string)", str.upper),
        declared("lower case(string: string)", str.lower),
        declared("substring before(string: string, match: string)", _before),
        declared("substring after(string: string, match: string)", _after),
        declared("contains(string: string, match: string)", lambda text, match: match in text),
        declared("starts with(string: string, match: string)", str.startswith),
        declared("ends with(string: string, match: string)", str.endswith),
        declared("matches(input: string, pattern: string, flags?: string)", _matches),
        declared("replace(input: string, pattern: string, replacement: string, flags?: string)", _replace),
        declared("split(string: string, delimiter: string)", _split),
        declared("string join(list: list, delimiter?: string|null)", lambda items, mark=None: _join(items, mark or "")),
    )
}
