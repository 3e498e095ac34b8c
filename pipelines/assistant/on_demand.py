"""A person asks a language model about one case; what the pipeline asks by itself is in its stage.

Nothing is locked while it answers. The case is looked at again afterwards: of one that was erased or merged meanwhile
nothing is kept. A case that is decided without advice is not asked about.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cases import events as e
from cases.case import Case
from cases.errors import CaseError, NotAllowed
from cases.store.store import Store
from cases.vocabulary import MACHINE, Actor, Help, LlmOutcome
from pipelines.assistant.calling import Heard, Made, Off, answer, view_of, why_off
from pipelines.assistant.helps import SPECS
from pipelines.assistant.prompts import prompt_of
from pipelines.assistant.provider import Provider
from pipelines.assistant.taking import without_advice
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.reading_room import read_case

_TOLD: dict[Off, str] = {
    "no_provider": "no language model is set up; whoever runs Casewright sets CASEWRIGHT_LLM_URL",
    "no_switch": "the journey has no part assistant; its owner adds one",
    "no_consent": "the journey does not say that customers were told; its owner sets assistant.consent",
    "region": "the language model works in a region that the journey does not name; see assistant.regions",
    "off": "the journey does not ask for this help; its owner names it in assistant.helps",
}


class AdviceHidden(NotAllowed):
    def __init__(self) -> None:
        super().__init__("asking a language model", "this case is decided without advice; search its words instead")


class HelpOff(NotAllowed):
    """reason: why no language model is asked."""

    def __init__(self, task: Help, reason: Off) -> None:
        super().__init__(f"asking a language model for {task}", _TOLD[reason])
        self.task, self.reason = task, reason


class NothingToAsk(NotAllowed):
    def __init__(self, task: Help) -> None:
        super().__init__(f"asking a language model for {task}", "the case holds nothing that it could be asked about")


class GoneMeanwhile(NotAllowed):
    def __init__(self, reference: str) -> None:
        super().__init__("keeping the answer", f"{reference} was erased or merged meanwhile; open the case again")


class StillAsking(CaseError):
    """One at a time: a person's next question to a case waits for the answer to the last one."""

    status, seconds = 429, 10

    def __init__(self) -> None:
        super().__init__("the language model still answers your last question about this case; wait for it")


class NobodyListens(Exception):
    """Raised by who listens to an answer and does not want the rest of it: it is asked no further."""


def check(house: House, case: Case, task: Help, *, person: str) -> Provider:
    """Raises AdviceHidden, HelpOff and StillAsking."""
    if without_advice(house, case):
        raise AdviceHidden
    folder = house.journeys.folders.get(case.journey or "")
    off = "no_switch" if folder is None else why_off(house.assistant, folder, task)
    if off is not None or house.assistant is None:
        raise HelpOff(task, off or "off")
    if (case.id, person) in _ASKING:
        raise StillAsking
    return house.assistant


def ask(
    house: House, reference: str, task: Help, *, person: str, question: str = "", heard: Heard | None = None
) -> Made:
    """What came of it, kept in the case. A question that was answered before is not asked again.

    heard: as calling.answer has it; may raise NobodyListens, which counts as an answer that was cut. Raises NotFound,
    AdviceHidden, HelpOff, NothingToAsk, StillAsking, GoneMeanwhile.
    """
    case, entries = read_case(house, reference)
    provider = check(house, case, task, person=person)
    view = view_of(house, case, entries)
    if view is None:
        raise HelpOff(task, "no_switch")
    with _one_at_a_time(case.id, person):
        try:
            made = answer(provider, view, SPECS[task], now=house.now(), question=question, heard=heard)
        except NobodyListens:
            made = Made(_cut(provider, task), None)
    if made is None:
        raise NothingToAsk(task)
    if made.events:
        _keep(house, case, made, person=person)
    return made


def _cut(provider: Provider, task: Help) -> e.LlmCalled:
    """How many tokens it took nobody said; the day's budget counts the most that it may have been."""
    return e.LlmCalled(task, LlmOutcome.CUT, provider.model_of(task), prompt_of(task).name, "", tries=1)


def _keep(house: House, before: Case, made: Made, *, person: str) -> None:
    """The person asked; the machine says it."""
    written = [(event, Actor("person", person) if isinstance(event, e.LlmCalled) else MACHINE) for event in made.events]

    def write(store: Store) -> bool:
        case = store.case(before.id)
        if case.erased or case.ties.into != before.ties.into:
            return False
        store.append(case.id, written, at=house.now(), expected=case.version)
        return True

    if not write_in_turn(house.database, write):
        raise GoneMeanwhile(before.reference)
    house.counters.wrote(made.events)
    house.ring()


#: Case and person, of the questions that are under way in this process.
_ASKING: set[tuple[str, str]] = set()
_LOCK = threading.Lock()


@contextmanager
def _one_at_a_time(case_id: str, person: str) -> Iterator[None]:
    one = (case_id, person)
    with _LOCK:
        if one in _ASKING:
            raise StillAsking
        _ASKING.add(one)
    try:
        yield
    finally:
        with _LOCK:
            _ASKING.discard(one)
