"""Words, moments and shares as a document writes them: with their year, and the same on every day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from pipelines.journeys import load_words

ALL = 100


@dataclass(frozen=True, slots=True)
class Spoken:
    language: str
    zone: ZoneInfo

    def say(self, key: str, /, **parts: object) -> str:
        """The product's own sentence in this language, else in English, else the key."""
        words = _words(self.language)
        sentence = words.get(self.language, {}).get(key) or words["en"].get(key, key)
        return sentence.format_map(parts) if parts else sentence

    def moment(self, iso: str) -> str:
        """20 Nov 2026, 18:12: in the organisation's time zone."""
        at = datetime.fromisoformat(iso).astimezone(self.zone)
        written: str = format_datetime(at, "d MMM y, HH:mm", locale=self.language)
        return written


def whole_percent(share: float) -> int:
    """0..100; never 100 for what is not certain."""
    whole = round(share * ALL)
    return ALL - 1 if whole == ALL and share < 1 else max(0, min(ALL, whole))


@cache
def _words(language: str) -> Mapping[str, Mapping[str, str]]:
    return load_words((language,))
