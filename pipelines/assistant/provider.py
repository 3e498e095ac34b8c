"""The endpoint that language models are asked at, and what holds it in bounds: a day's tokens, rest when it fails.

Kept by a process; the tokens of a day are counted for all processes together.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cases.store.database import Database
from cases.vocabulary import Help, LlmOutcome
from configs.settings import Settings
from pipelines.ports import Answer, LanguageModel, NoAnswer, Question

FAILS = 3  # in a row, after which it is left alone
REST_SECONDS = 60.0
MILLION = 1_000_000
CHARS_A_TOKEN = 3  # on the safe side of the four or so of English; for what is reserved, the bill counts really
TOKENS_A_PICTURE = 1_500
#: Ways in which the endpoint fails, and not one question alone.
_FAILING = frozenset({LlmOutcome.LATE, LlmOutcome.BUSY, LlmOutcome.AWAY, LlmOutcome.DECLINED})
_FREE = _FAILING - {LlmOutcome.LATE}  # nothing was written; who is too slow has written, and may want to be paid


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one question. milliseconds: all tries together."""

    outcome: LlmOutcome
    text: str = ""
    tries: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    milliseconds: int = 0


class Provider:
    """Safe to share by threads."""

    def __init__(self, settings: Settings, model: LanguageModel, database: Database) -> None:
        self._settings, self._model, self._database = settings, model, database
        self._fails, self._rests_until = 0, 0.0
        self._lock = threading.Lock()

    @property
    def region(self) -> str:
        return self._settings.llm_region

    def model_of(self, task: Help) -> str:
        return self._settings.llm_models.get(task, self._settings.llm_model)

    def price(self, tokens_in: int, tokens_out: int) -> Decimal:
        """In euros, to six places."""
        paid = tokens_in * self._settings.llm_price_in + tokens_out * self._settings.llm_price_out
        return (paid / MILLION).quantize(Decimal("0.000001"))

    def spent(self, now: datetime) -> int:
        """Tokens of today, with what is reserved by calls that go on."""
        with self._database.reading() as store:
            return store.spent(_day(now))

    @property
    def rests(self) -> bool:
        return time.monotonic() < self._rests_until

    def ask(
        self, question: Question, *, spent_on_case: int, now: datetime, heard: Callable[[str], object] | None = None
    ) -> Asked:
        """Never raises for what the endpoint does. heard: gets all that was said so far, as it grows."""
        if self.rests:
            return Asked(LlmOutcome.RESTING)
        reserved = most_tokens_of(question)
        if spent_on_case + reserved > self._settings.llm_case_tokens or not self._reserve(reserved, now):
            return Asked(LlmOutcome.OVER_BUDGET)
        begun, used = time.monotonic(), reserved
        try:
            asked = self._asked(question, heard)
            used = asked.tokens_in + asked.tokens_out or (0 if asked.outcome in _FREE else reserved)
        finally:
            self._settle(used - reserved, now)
        self._note(asked)
        took = round((time.monotonic() - begun) * 1000)
        return Asked(asked.outcome, asked.text, asked.tries, asked.tokens_in, asked.tokens_out, took)

    def _asked(self, question: Question, heard: Callable[[str], object] | None) -> Asked:
        try:
            answer: Answer = self._model.ask(question, heard=heard)
        except NoAnswer as none:
            self._rest_for(none.seconds)
            return Asked(none.outcome, "", none.tries, none.tokens_in, none.tokens_out)
        return Asked(LlmOutcome.ANSWERED, answer.text, answer.tries, answer.tokens_in, answer.tokens_out)

    def _reserve(self, tokens: int, now: datetime) -> bool:
        with self._database.writing() as store:
            return store.spend(_day(now), tokens, most=self._settings.llm_day_tokens)

    def _settle(self, more: int, now: datetime) -> None:
        """What was used beside what was reserved, less or more: also past the budget, for it is gone."""
        if more:
            with self._database.writing() as store:
                store.spend(_day(now), more)

    def _rest_for(self, seconds: float) -> None:
        with self._lock:
            self._rests_until = max(self._rests_until, time.monotonic() + min(seconds, REST_SECONDS))

    def _note(self, asked: Asked) -> None:
        """The circuit breaker: after three failures in a row nobody waits for it, until a while later one tries."""
        with self._lock:
            self._fails = self._fails + 1 if asked.outcome in _FAILING else 0
            if self._fails >= FAILS:
                self._fails = FAILS - 1
                self._rests_until = time.monotonic() + REST_SECONDS


def most_tokens_of(question: Question) -> int:
    """What a call can cost at most, about."""
    sent = (len(question.told) + len(question.given)) // CHARS_A_TOKEN
    return sent + TOKENS_A_PICTURE * len(question.pictures) + question.most_tokens


def _day(now: datetime) -> str:
    return f"llm tokens {now.date().isoformat()}"
