"""Numbers and moments as a page's language writes them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from api.pages.times import Say, shown_moment


@dataclass(frozen=True, slots=True)
class Spoken:
    """A page's words, with its language and time zone."""

    say: Say
    language: str
    zone: ZoneInfo

    def share(self, value: float, *, digits: int = 2) -> str:
        """In per cent, at most that many decimals: 1%, 0.83%."""
        return f"{self.number(value * 100, digits=digits)}%"

    def bound(self, value: float) -> str:
        """A share that must not look smaller than it is: rounded up to hundredths of a per cent."""
        return self.share(min(1.0, -(-value * 10_000 // 1) / 10_000))

    def number(self, value: float, *, digits: int = 2) -> str:
        written: str = format_decimal(value, format="#,##0." + "#" * digits, locale=self.language)
        return written

    def evidence(self, value: float) -> str:
        return self.number(value, digits=0 if value >= 10 else 2)  # noqa: PLR2004  # small ones need their decimals

    def moment(self, at: datetime) -> str:
        return shown_moment(at, zone=self.zone, language=self.language)
