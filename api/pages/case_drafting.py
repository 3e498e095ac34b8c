"""A draft of a reply that a language model wrote, in the form in which a person writes to the customer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.pages.case_view import Json
from api.pages.templating import Pages
from cases.case import Case
from cases.composing import language_of
from cases.journey_folder import JourneyFolder
from cases.statements import plain
from cases.vocabulary import Help, LlmOutcome
from pipelines.assistant.calling import why_not_shown
from pipelines.assistant.helps.draft import answers, draft_text, newest_draft
from pipelines.assistant.taking import without_advice
from pipelines.house import House
from pipelines.plain_words import hard_parts


@dataclass(frozen=True, slots=True)
class DraftLine:
    """hard: it could be plainer, as a letter of the journey is told by `casewright journeys check`."""

    text: str
    sources: Sequence[Json]
    hard: bool


@dataclass(frozen=True, slots=True)
class Drafting:
    """said_id: of a draft that waits for a person; blank: there is none. taken: it stands in the letter's field.

    late: the customer wrote after it. why: nothing came of the last one, in words. dropped: sentences that were left
    out of it. answers: the message that a new one would answer.
    """

    answers: str

    said_id: str = ""
    text: str = ""
    lines: tuple[DraftLine, ...] = ()
    model: str = ""
    taken: bool = False
    late: bool = False
    why: str = ""
    dropped: int = 0

    @property
    def is_open(self) -> bool:
        return bool(self.lines)


def drafting_of(
    house: House, pages: Pages, case: Case, folder: JourneyFolder, *, typed: Mapping[str, str], hidden: bool
) -> Drafting | None:
    """None where no draft is to be had. hidden: a person's own judgement is wanted, without any machine's."""
    if why_not_shown(house.assistant, folder, Help.DRAFT) or not case.messages:
        return None
    if hidden or without_advice(house, case):
        return None
    say, said = pages.desk_say(), newest_draft(case)
    if said is None:
        return Drafting(answers(case), why=_why(case, say, asked_now=bool(typed.get("drafted"))))
    text, language = draft_text(said), language_of(case, folder)
    taken = said.said_id in (typed.get("take"), typed.get("assistant_draft")) or text in typed.get("text", "")
    return Drafting(
        answers(case),
        said_id=said.said_id,
        text=text,
        lines=tuple(
            DraftLine(line.text, [plain(source) for source in line.sources], hard=any(hard_parts(line.text, language)))
            for line in said.lines
        ),
        model=said.model,
        taken=taken,
        late=said.question != answers(case),
        dropped=said.dropped,
    )


def with_draft(text: str, drafting: Drafting | None, typed: Mapping[str, str]) -> str:
    """What was typed, and below it the draft when the person takes it."""
    if drafting is None or not drafting.said_id or typed.get("take") != drafting.said_id:
        return text
    return f"{text}\n\n{drafting.text}".strip()


def _why(case: Case, say: Callable[..., str], *, asked_now: bool) -> str:
    """Why the last call for a draft gave none; "" before there was one, and once a person judged what it gave.

    asked_now: on the page that answers who asked. The same is not drafted twice, also when a person discarded it.
    """
    call = next((call for call in case.assisted.calls if call.task is Help.DRAFT), None)
    if call is None:
        return ""
    if call.outcome is not LlmOutcome.ANSWERED:
        return say(f"assistant.why.{call.outcome}")
    said = case.assisted.answered(call.asked)
    if said is None or not said.lines:
        return say("assistant.draft.nothing")
    return say("assistant.draft.same") if asked_now else ""
