"""What every reader of FEEL does with its words: look, take, insist, and say where it got stuck."""

from typing import Final

from pipelines.exchange.feel.tokens import KEYWORDS, Token, read_tokens
from pipelines.exchange.feel.values import FeelRefused

#: As they are written, and what `kind_of` calls them.
TYPE_NAMES: Final = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "list": "list",
    "context": "context",
    "range": "range",
    "function": "function",
    "Any": "Any",
    "Null": "null",
}


SIGNS: Final = ("=", "!=", "<", "<=", ">", ">=")


class Reading:
    """A text as words, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = read_tokens(text)
        self.place = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def ahead(self, count: int) -> Token:
        return self.tokens[min(self.place + count, len(self.tokens) - 1)]

    def at_end(self) -> bool:
        return self.here.kind == "end"

    def sees(self, text: str) -> bool:
        return self.here.text == text and self.here.kind in ("name", "sign")

    def take(self) -> Token:
        token = self.here
        self.skip(1)
        return token

    def skip(self, count: int) -> None:
        self.place = min(self.place + count, len(self.tokens) - 1)

    def takes(self, text: str) -> bool:
        if not self.sees(text):
            return False
        self.skip(1)
        return True

    def must(self, text: str) -> None:
        if not self.takes(text):
            raise self.wrong(f'"{text}"')

    def end(self) -> None:
        if not self.at_end():
            raise self.wrong("the end")

    def new_name(self, *ends: str) -> str:
        """A name that is declared here, up to one of `ends`, which is taken too but is no part of it."""
        first = self.place
        while self.here.kind != "end" and self.here.text not in ends:
            if self.here.text in KEYWORDS or self.here.kind in ("string", "moment"):
                break
            self.skip(1)
        if self.place == first or self.here.text not in ends or self.tokens[first].kind != "name":
            raise self.wrong("a name")
        name = self.text[self.tokens[first].start : self.here.start].strip()
        self.skip(1)
        return " ".join(name.split())

    def skip_brackets(self, opening: str, closing: str) -> None:
        """Leave out what stands in brackets here, with the brackets inside it."""
        if not self.takes(opening):
            return
        depth = 1
        while depth:
            if self.at_end():
                raise self.wrong(f'"{closing}"')
            depth += {opening: 1, closing: -1}.get(self.here.text, 0)
            self.skip(1)

    def type_name(self) -> str:
        """The type after `instance of` or of a parameter; what a list or context holds is not looked at."""
        for name in sorted(TYPE_NAMES, key=len, reverse=True):
            words = name.split(" ")
            if [self.ahead(place).text for place in range(len(words))] == words:
                self.skip(len(words))
                self.skip_brackets("<", ">")
                return TYPE_NAMES[name]
        raise self.wrong("a type of FEEL")

    def wrong(self, wanted: str) -> FeelRefused:
        there = "the end" if self.at_end() else f'"{self.here.text[:40]}"'
        return FeelRefused(
            f"{there} stands at character {self.here.start + 1} where {wanted} belongs",
            "correct the expression, or declare the name that it uses",
        )
