"""The words of FEEL. Names may hold blanks and signs, so a name is put together later, from what is known."""

import re
from typing import Final, NamedTuple

from pipelines.exchange.feel.values import FeelRefused

MOST: Final = 20_000  # characters of one expression
KEYWORDS: Final = frozenset(
    {
        *("and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance"),
        *("null", "of", "or", "return", "satisfies", "some", "then", "true"),
    }
)
_WORD: Final = re.compile(
    r"""
      (?P<blank> [\s\u200b\ufeff]+ | //[^\n]* | /\*.*?\*/ )
    | (?P<string> "(?:[^"\\]|\\.)*" )
    | (?P<moment> @\s*"(?:[^"\\]|\\.)*" )
    | (?P<number> (?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5}(?!\w))? )
    | (?P<name> [^\W\d]\w* )
    | (?P<sign> \*\*|\.\.|<=|>=|!=|->|. )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_PLAIN: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_LAST: Final = 0x10FFFF  # code point


class Token(NamedTuple):
    kind: str  # string, moment, number, name, sign, end
    text: str  # of strings and moments without their quotes
    start: int


def read_tokens(text: str) -> list[Token]:
    """All words, the last one of kind `end`. Raises FeelRefused."""
    if len(text) > MOST:
        raise FeelRefused(f"the expression has more than {MOST} characters", "split it over several decisions")
    tokens, place = [], 0
    while place < len(text):
        found = _WORD.match(text, place)
        assert found is not None  # the last alternative takes any character
        kind, word = str(found.lastgroup), found.group()
        if word == '"':
            raise FeelRefused(f"the text that begins at character {place + 1} has no end", 'close it with "')
        if kind in ("string", "moment"):
            word = unescaped(word[word.index('"') + 1 : -1])
        if kind != "blank":
            tokens.append(Token(kind, word, place))
        place = found.end()
    return [*tokens, Token("end", "", len(text))]


def unescaped(text: str) -> str:
    """What stands between the quotes. Raises FeelRefused for an escape that means nothing."""
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def name_words(name: str) -> tuple[str, ...]:
    """A name as the words it is written with; ("",) stands for a name that no expression can hold."""
    try:
        tokens = read_tokens(name)
    except FeelRefused:
        return ("",)
    return tuple(token.text for token in tokens[:-1]) or ("",)


def _meant(found: re.Match[str]) -> str:
    code = found[1]
    if code in _PLAIN:
        return _PLAIN[code]
    if len(code) > 1 and (point := int(code[1:], 16)) <= _LAST:
        return chr(point)
    return f"\\{code}"  # a pattern for matches() is often written with a single backslash
