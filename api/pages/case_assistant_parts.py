"""What a language model said of a case, as the card of its page shows it: each statement with its evidence.

The words of a model are shown as text and nothing else. Where none was asked, or none may be, the card holds what the
product says by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from api.pages.case_view import Citation, FileReader, Json
from api.pages.templating import Pages
from api.security import Operation, may
from cases import events as e
from cases.case import Case, Entry
from cases.file_assistant import assistant, stands, template_summary
from cases.journey_folder import JourneyFolder
from cases.statements import Basis, plain
from cases.store.people import User
from cases.vocabulary import Help, LlmOutcome
from pipelines.assistant.calling import why_not_shown
from pipelines.assistant.helps.draft import newest_draft
from pipelines.assistant.helps.facts import news
from pipelines.assistant.helps.question import LONGEST
from pipelines.house import House

ANSWERS_SHOWN = 3  # of colleagues' questions, the newest
#: Helps that a person may want anew as a whole; the others are asked for each message or photo.
AGAIN = (Help.SUMMARY, Help.FACTS, Help.OPINION)


@dataclass(frozen=True, slots=True)
class Offer:
    """One statement. value: of a fact, as it is kept. quote: the words that it rests on."""

    id: str
    said_id: str
    line: int
    label: str
    text: str
    value: str
    quote: str
    citations: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class Answered:
    question: str
    said_id: str
    lines: tuple[Offer, ...]
    judged: str


@dataclass(frozen=True, slots=True)
class Missing:
    task: str
    title: str
    why: str
    again: bool


@dataclass(frozen=True, slots=True)
class Card:
    """off: why no language model is asked, in words; blank where it may be. by_model: who wrote the summary.

    summary_id: of what is taken or discarded as a whole; blank for the product's own. judged: who did, and how.
    """

    reference: str
    summary: tuple[Offer, ...]
    summary_id: str
    judged: str
    by_model: str
    facts: tuple[Offer, ...]
    opinion: Offer | None
    answers: tuple[Answered, ...]
    missing: tuple[Missing, ...]
    off: str
    summarises: bool
    may_judge: bool
    most: int = LONGEST

    @property
    def first(self) -> str:
        """Where the first thing stands that a person may take."""
        return self.facts[0].id if self.facts else "offer-summary" if self.summary_id else ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the card shows, before the page knows its links. folder None: there is no card."""

    case: Case
    folder: JourneyFolder | None = None
    by_model: Json = field(default_factory=dict)
    summary: Sequence[Json] = ()
    hidden: bool = False

    @property
    def answers(self) -> list[e.AssistantSaid]:
        """The newest last."""
        asked = [one for one in self.case.assisted.said if one.task is Help.QUESTION and not one.shadow]
        kept = [] if self.hidden else [one for one in asked if not _discarded(self.case, one.said_id)]
        return kept[-ANSWERS_SHOWN:]

    @property
    def evidence(self) -> list[Json]:
        """Each place in a message that a statement points at; whole messages have their link already."""
        own = [one for part in ("summary", "facts") for one in self.by_model.get(part, ())]
        own += [one for one in (self.by_model.get("opinion"),) if one]
        cited = [source for one in (*own, *self.summary) for source in one["sources"]]
        drafted = None if self.hidden else newest_draft(self.case)  # stands beside the letter that a person writes
        said = self.answers if drafted is None else [*self.answers, drafted]
        lines = [line for one in said for line in one.lines if stands(self.case, line)]
        cited += [plain(source) for line in lines for source in line.sources]
        return [one for one in cited if not _is_whole(self.case, one)] if self.folder else []


class Opened(Protocol):
    """A case as its page reads it."""

    @property
    def case(self) -> Case: ...
    @property
    def entries(self) -> Sequence[Entry]: ...
    @property
    def blind(self) -> bool: ...
    @property
    def planted(self) -> bool: ...


def told_in(house: House, pages: Pages, opened: Opened, user: User) -> Told:
    """For who decides, of a case that has a journey. Where advice is wrong on purpose nothing that a model said is
    told, and where there is none at all not even the product's own summary.
    """
    case = opened.case
    folder = house.journeys.folders.get(case.journey or "")
    if folder is None or opened.blind or not may(user, Operation.DECIDE) or case.imported is not None:
        return Told(case)
    of = Basis(folder, case, opened.entries, pages.desk_language)
    by_model = (None if opened.planted else assistant(of)) or {}
    return Told(case, folder, by_model, by_model.get("summary") or template_summary(of), hidden=opened.planted)


def card_of(house: House, reader: FileReader, told: Told) -> Card | None:
    case, folder = told.case, told.folder
    if folder is None:
        return None
    off = why_card_is_off(house, folder, Help.QUESTION, hidden=told.hidden)
    from_model = [one for one in told.summary if "said_id" in one]
    said_id = str(from_model[0]["said_id"]) if from_model else ""
    judged = _judged(reader, case, said_id)
    opinion = told.by_model.get("opinion")
    return Card(
        reference=case.reference,
        summary=tuple(_offer(reader, case, one, n) for n, one in enumerate(told.summary)),
        summary_id="" if judged else said_id,
        judged=judged,
        by_model=str(told.by_model["machine"]["summary"]["model"]) if from_model else "",
        facts=_facts(reader, case, folder, told.by_model.get("facts", ())),
        opinion=_offer(reader, case, opinion, 0) if opinion else None,
        answers=tuple(_answered(reader, case, one) for one in reversed(told.answers)),
        missing=() if told.hidden else tuple(_missing(house, reader, folder, case)),
        off=reader.say(f"assistant.off.{off}") if off else "",
        summarises=not why_card_is_off(house, folder, Help.SUMMARY, hidden=told.hidden),
        may_judge=case.ties.into is None,
    )


def why_card_is_off(house: House, folder: JourneyFolder, task: Help, *, hidden: bool) -> str:
    """Why this help is not to be had; blank where it is."""
    return "now" if hidden else why_not_shown(house.assistant, folder, task) or ""


# --- parts --------------------------------------------------------------------------------------------------------


def _offer(reader: FileReader, case: Case, one: Json, n: int) -> Offer:
    said_id, line = str(one.get("said_id", "")), int(one.get("line", n))
    return Offer(
        id=f"offer-{said_id[:12]}-{line}",
        said_id=said_id,
        line=line,
        label=str(one.get("label", "")),
        text=str(one.get("shown") or one.get("text") or one.get("title") or ""),
        value=str(one.get("value", "")),
        quote=_quote(case, one["sources"]),
        citations=cites(reader, case, one["sources"]),
    )


def cites(reader: FileReader, case: Case, sources: Sequence[Json]) -> list[Citation]:
    """As the page cites; what points at a whole message leads to it, and marks none of it."""
    found = [
        Citation(cited.label, reader.message_place(one["message_id"])) if _is_whole(case, one) else cited
        for one in sources
        for cited in reader.cite([one])
    ]
    return list(dict.fromkeys(found))


def _is_whole(case: Case, source: Json) -> bool:
    if source["type"] != "message" or source["start"] != 0:
        return False
    return any(one.message_id == source["message_id"] and len(one.text) <= source["end"] for one in case.messages)


def _judged(reader: FileReader, case: Case, said_id: str) -> str:
    """Who took all of what was said, as it was or edited; blank when nobody did."""
    verdict = case.assisted.verdict(said_id)
    return reader.say(f"assistant.judged.{verdict.verdict}", name=verdict.by) if verdict else ""


def _quote(case: Case, sources: Sequence[Json]) -> str:
    """The words of a message that it points at."""
    texts = {message.message_id: message.text for message in case.messages}
    for one in sources:
        if one["type"] == "message" and one["message_id"] in texts:
            return " ".join(texts[one["message_id"]][one["start"] : one["end"]].split())
    return ""


def _facts(reader: FileReader, case: Case, folder: JourneyFolder, told: Sequence[Json]) -> tuple[Offer, ...]:
    """Those that say something that the case does not know, or that contradict it."""
    said = case.assisted.newest(Help.FACTS)
    fresh = set(news(case, said, folder)) if said is not None else set()
    return tuple(
        _offer(reader, case, one, n) for n, one in enumerate(told) if one["line"] in fresh and "judged" not in one
    )


def _answered(reader: FileReader, case: Case, said: e.AssistantSaid) -> Answered:
    """One question with the sentences that answer it; without sentences the case does not say."""
    lines = tuple(offered(reader, case, said.lines, said.said_id))
    return Answered(said.question, said.said_id, lines, _judged(reader, case, said.said_id))


def offered(reader: FileReader, case: Case, lines: Sequence[e.SaidLine], said_id: str) -> list[Offer]:
    return [
        _offer(reader, case, {**_plain(line), "said_id": said_id, "line": n}, n)
        for n, line in enumerate(lines) if stands(case, line)
    ]  # fmt: skip


def _plain(line: e.SaidLine) -> Json:
    return {"text": line.text, "sources": [plain(source) for source in line.sources]}


def _discarded(case: Case, said_id: str) -> bool:
    verdict = case.assisted.verdict(said_id)
    return verdict is not None and verdict.verdict == "discarded"


def _missing(house: House, reader: FileReader, folder: JourneyFolder, case: Case) -> list[Missing]:
    """What was asked and not answered, of the helps that this card has; nothing where no model is asked any more."""
    found = []
    for call in case.assisted.missing():
        if call.task not in (*AGAIN, Help.QUESTION) or why_card_is_off(house, folder, call.task, hidden=False):
            continue
        title, why = reader.say(f"assistant.help.{call.task}"), reader.say(f"assistant.why.{call.outcome}")
        found.append(Missing(call.task, title, why, again=call.task in AGAIN))
    return found


def as_streamed(offers: Sequence[Offer]) -> list[Mapping[str, Any]]:
    """What a script puts on the page while an answer comes in: text, and where it stands."""
    return [
        {"text": one.text, "cites": [{"label": cite.label, "href": cite.href} for cite in one.citations]}
        for one in offers
    ]


def why_in_words(reader: FileReader, outcome: LlmOutcome) -> str:
    return reader.say(f"assistant.why.{outcome}")
