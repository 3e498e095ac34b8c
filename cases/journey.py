"""From events to what the customer sees: milestones, promised dates, requests, messages. An allow-list; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from cases import events as e
from cases.answering import rest_of_what_was_asked
from cases.automatic import automatic_key, automatic_parts
from cases.calling_back import may_be_called, promised_text
from cases.case import Case, Entry, Request, apply
from cases.chatting import CHAT, OVERTAKEN, answer_words
from cases.explaining import parts_in
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Milestone
from cases.letters import filled
from cases.milestone_sentence import milestone_of, standing
from cases.replying import AnswerTime, answer_times
from cases.surveying import is_open
from cases.vocabulary import FileStatus, MilestoneState, Status
from cases.wording import day_text, moment_text


@dataclass(frozen=True, slots=True)
class MilestoneView:
    key: str
    label: str
    explain: str
    state: MilestoneState
    at: datetime | None = None
    at_text: str = ""


@dataclass(frozen=True, slots=True)
class RequestView:
    key: str
    kind: str
    title: str
    text: str
    due_text: str
    choices: tuple[tuple[str, str], ...] = ()
    sent_as: tuple[str, ...] = ()  # what each choice is sent as: people and rules read it in a language of the journey
    statement: str = ""  # what is to be agreed to, and its digest
    digest: str = ""


@dataclass(frozen=True, slots=True)
class FileReceipt:
    name: str
    status: FileStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MessageView:
    who: str  # "you" or "us"
    name: str
    at: datetime
    at_text: str
    text: str
    subject: str = ""
    files: tuple[FileReceipt, ...] = ()
    chat: bool = False  # said in the chat


@dataclass(frozen=True, slots=True)
class OrganisationView:
    name: str
    email: str
    phone: str
    hours: str


@dataclass(frozen=True, slots=True)
class ExplainedView:
    """A paragraph of why it was decided so; about: did, why, used, otherwise, who, object, or own_words."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """The public view of a case: everything a customer may see and nothing else."""

    reference: str
    case_title: str
    status_sentence: str
    step_no: int
    step_count: int
    next: str
    by: datetime | None
    by_text: str
    hear_by: str
    call: str  # when somebody calls them, as they asked; "" when nobody does
    may_be_called: bool
    turn: str  # "you", "us", or "" when it is finished
    turn_text: str
    standing: str  # the same in one piece, as in mails and on the phone
    milestones: tuple[MilestoneView, ...]
    requests: tuple[RequestView, ...]
    messages: tuple[MessageView, ...]
    organisation: OrganisationView
    language: str
    languages: tuple[str, ...]
    closed: bool
    second_look_possible: bool
    automatic_checks: str
    automatic_parts: tuple[str, ...] = ()
    explanation: tuple[ExplainedView, ...] = ()
    survey_open: bool = False
    chat: str = ""  # whether it goes on: "waits" for a person, "held" by one, or ""
    answer_times: tuple[AnswerTime, ...] = ()
    expected: tuple[str, ...] = ()  # when most cases like this one are settled, or that nobody knows yet


def tracking(folder: JourneyFolder, case: Case, entries: Sequence[Entry], *, language: str | None = None) -> Tracking:
    """Where the case stands, in the customer's words. Total: every status of every case has an answer."""
    journey = folder.journey
    spoken = next((lang for lang in (language, _asked(folder, case)) if lang in journey.read_in), journey.languages[0])
    current = milestone_of(folder, case.status)
    milestones = tuple(_milestones(folder, case, entries, spoken))
    stands = standing(folder, case, spoken)
    topic = journey.topics.get(case.told_topic or "")
    organisation = journey.organisation
    return Tracking(
        reference=case.reference,
        case_title=folder.worded(topic.title if topic else journey.title, spoken),
        status_sentence=stands.now,
        step_no=list(journey.milestones).index(current) + 1,
        step_count=len(journey.milestones),
        next=stands.next,
        by=stands.by,
        by_text=stands.by_text,
        hear_by=stands.hear_by,
        call=promised_text(case.call, folder, spoken) if case.call else "",
        may_be_called=may_be_called(case),
        turn=stands.turn,
        turn_text=folder.say(spoken, f"track.turn.{stands.turn}") if stands.turn else "",
        standing=stands.text,
        milestones=milestones,
        requests=tuple(_requests(folder, case, spoken)),
        messages=tuple(_messages(folder, case, entries, spoken)),
        organisation=OrganisationView(
            organisation.name, organisation.email, organisation.phone, folder.worded(organisation.hours, spoken)
        ),
        language=spoken,
        languages=journey.read_in,
        closed=case.status is Status.CLOSED,
        second_look_possible=case.status is Status.CLOSED and not case.erased,
        automatic_checks=folder.say(spoken, automatic_key(case)),
        automatic_parts=automatic_parts(folder, case, spoken),
        explanation=tuple(_explanation(case, spoken)),
        survey_open=is_open(case, folder),
        answer_times=answer_times(folder, spoken),
        chat="held" if case.chat.holder else "waits" if case.chat.waits else "",
    )


def _explanation(case: Case, language: str) -> Iterator[ExplainedView]:
    """Of the decision that stands, in the words of when it was made; nothing while its order is on its way."""
    if case.explained is None or case.status not in _EXPLAINED or case.explained.option != case.last_option:
        return
    if case.explained.own_words:
        yield ExplainedView("own_words", case.explained.own_words)
    yield from (ExplainedView(part.about, part.text) for part in parts_in(case.explained, language))


_EXPLAINED = frozenset({Status.DECIDED, Status.WAITING_THIRD_PARTY, Status.CLOSED})


def _asked(folder: JourneyFolder, case: Case) -> str | None:
    """The language of the form on which it was reported, where only pages speak that; else the one the case has."""
    said = {message.language for message in case.messages}
    return next((language for language in folder.journey.page_languages if language in said), case.language)


def _milestones(folder: JourneyFolder, case: Case, entries: Sequence[Entry], language: str) -> list[MilestoneView]:
    reached = _reached(folder, case, entries)
    keys = list(folder.journey.milestones)
    here = keys.index(milestone_of(folder, case.status))
    views = []
    for index, key in enumerate(keys):
        milestone: Milestone = folder.journey.milestones[key]
        at = reached.get(key)
        if index > here:
            state, at = MilestoneState.EXPECTED, None
        elif index == here:
            state = MilestoneState.DONE if case.status is Status.CLOSED else MilestoneState.NOW
        else:
            state = MilestoneState.DONE if at else MilestoneState.SKIPPED
        views.append(
            MilestoneView(
                key=key,
                label=folder.worded(milestone.label, language),
                explain=folder.worded(milestone.explain, language),
                state=state,
                at=at,
                at_text=moment_text(at, folder.journey, language) if at else "",
            )
        )
    return views


def _reached(folder: JourneyFolder, case: Case, entries: Sequence[Entry]) -> dict[str, datetime]:
    """When each milestone was reached; a case that goes back reaches the later ones anew."""
    reached: dict[str, datetime] = {}
    keys = list(folder.journey.milestones)
    now = Case(case.id)
    for entry in entries:
        now = apply(now, entry)
        key = milestone_of(folder, now.status)
        here = keys.index(key) - (now.status is Status.REOPENED)
        reached = {name: at for name, at in reached.items() if keys.index(name) <= here}
        reached.setdefault(key, entry.at)
    return reached


def _requests(folder: JourneyFolder, case: Case, language: str) -> list[RequestView]:
    views = []
    for request in _asked_still(case):
        spec = folder.journey.requests.get(request.item.key)
        due = day_text(date.fromisoformat(request.due), language)
        if spec is None:
            views.append(RequestView(request.item.key, request.item.kind, request.item.text, "", due))
            continue
        choices = tuple((key, folder.worded(wording, language)) for key, wording in spec.choices.items())
        title, text = folder.worded(spec.title, language), folder.worded(spec.text, language)
        own = language if language in folder.journey.languages else folder.journey.languages[0]
        asked = folder.worded(spec.title, own)
        sent_as = tuple(f"{asked}: {folder.worded(wording, own)}" for wording in spec.choices.values())
        statement = folder.worded(spec.statement, language) if spec.statement else ""
        digest = sha256(statement.encode()).hexdigest() if statement else ""
        views.append(RequestView(request.item.key, spec.kind, title, text, due, choices, sent_as, statement, digest))
    return views


def _asked_still(case: Case) -> tuple[Request, ...]:
    if case.status is Status.WAITING_CUSTOMER:
        return case.open_requests
    return rest_of_what_was_asked(case) if case.status in (Status.READING, Status.WITH_EXPERT) else ()


def _messages(folder: JourneyFolder, case: Case, entries: Sequence[Entry], language: str) -> list[MessageView]:
    # A letter that could not be mailed is read here, and here only.
    sent = {one.event.letter_id: one for one in entries if isinstance(one.event, e.LetterSent | e.LetterWithheld)}
    overtaken = {id_ for id_, one in sent.items() if getattr(one.event, "reason", "") == OVERTAKEN}
    views, own = [], {message.message_id: message for message in case.messages}
    for entry in entries:
        match entry.event:
            case e.MessageAdded(message_id=id_) if case.heard and id_ not in own:
                continue  # it was split off, and is read where it went
            case e.MessageAdded() as message:
                message = own[message.message_id] if case.heard else message
                files = tuple(_receipt(folder, file, language) for file in message.files)
                at = moment_text(message.received_at, folder.journey, language)
                views.append(
                    MessageView(
                        "you",
                        message.sender_name,
                        message.received_at,
                        at,
                        message.text,
                        message.subject,
                        files,
                        chat=message.channel == CHAT,
                    )
                )
            case e.LetterWritten(letter="chat") as letter:  # read here at once, whether it is mailed as well or not
                at = moment_text(entry.at, folder.journey, language)
                name = folder.say(language, "track.chat.person", organisation=folder.journey.organisation.name)
                views.append(MessageView("us", name, entry.at, at, answer_words(letter), chat=True))
            case e.LetterWritten(letter_id=id_) if id_ in overtaken:
                continue
            case e.StatementSigned(statement=statement, name=name):
                at = moment_text(entry.at, folder.journey, language)
                text = folder.say(language, "track.sign.message", statement=statement, name=name)
                views.append(MessageView("you", name, entry.at, at, text))
            case e.LetterWritten() as letter if letter.letter_id in sent:
                left = sent[letter.letter_id]
                said = left.event.standing if isinstance(left.event, e.LetterSent) else ""
                at = moment_text(left.at, folder.journey, language)
                body = filled(letter.body, link=folder.say(language, "track.this_page"), standing=said)
                name = folder.journey.organisation.name
                views.append(MessageView("us", name, left.at, at, body, letter.subject))
            case _:
                continue
    return views


def _receipt(folder: JourneyFolder, file: e.FileSeen, language: str) -> FileReceipt:
    reason = folder.say(language, f"reason.{file.reason}") if file.status is FileStatus.UNUSABLE else ""
    return FileReceipt(file.name, file.status, reason)
