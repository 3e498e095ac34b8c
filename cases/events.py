"""What can happen, in the past tense. Stored for ever: fields are added with a default, never renamed or removed.

Streams: `case-…` and `message-…` hold what happened to one case or message; `audits.…` holds the blind checks made
under one certificate, `oversight.…` how people decide in one journey, `service.…` what its customers got; `rules.…`
holds the versions of one journey's tables, `tried.…` what one of them said in shadow; `journeys`, `models`, `access`
and `checkpoints` hold the rest; `surveys.…` holds what customers of one journey answered, as numbers.

Bodies are canonical JSON (RFC 8785) without floats: numbers that are not whole are decimal strings, so the hashed bytes
are the same from every program.

Longer than other files on purpose: it is the one list of all that can happen, and is read as a list.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

import orjson
from pydantic import Discriminator, Field, TypeAdapter

from cases.facts import Fact, MessageSpan, Probability, Score, Source
from cases.vocabulary import (
    Access,
    ActsAs,
    Danger,
    Effect,
    FileKind,
    FileStatus,
    Help,
    LlmOutcome,
    RequestKind,
    Role,
    Scope,
    Step,
    Why,
)

# --- parts of events ---------------------------------------------------------------------------------------------


SurveyScore = Annotated[int, Field(ge=1, le=5)]


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file as it came in with the request, before anything was read from it."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PhotoFindings:
    """What was measured in a photo. Sharpness in grey levels squared, luminance 0..255, sizes in pixels."""

    width: int
    height: int
    sharpness: Score
    luminance: Score
    blurred: bool
    dark: bool
    taken_at: str | None = None  # local time of the camera, ISO 8601
    latitude: Score | None = None
    longitude: Score | None = None
    camera: str | None = None
    hashes: tuple[str, ...] = ()
    reused_from: tuple[str, ...] = ()  # references of other cases that hold the same picture
    distance: int | None = None  # bits that differ from the nearest of them


@dataclass(frozen=True, slots=True)
class FileSeen:
    """One attachment: kept untouched at blob address owner/sha256, and what was found about it."""

    id: str
    name: str
    sha256: str
    size: int
    media_type: str
    kind: FileKind
    status: FileStatus
    reason: str | None = None  # key of why it is unusable, e.g. "truncated"
    findings: PhotoFindings | None = None
    text: str = ""  # what a document says
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """How much some words of a message weighed for the predicted topic (unit of the linear head)."""

    source: MessageSpan
    weight: Score


@dataclass(frozen=True, slots=True)
class Candidate:
    topic: str
    probability: Probability


@dataclass(frozen=True, slots=True)
class Shown:
    """A label of the photo model."""

    label: str
    probability: Probability


@dataclass(frozen=True, slots=True)
class PhotoSeen:
    """What the photo model made of one photo. abstains: it had better not be heard."""

    file_id: str
    label: str
    confidence: Probability
    abstains: bool
    scope: Scope
    model: str
    model_version: str
    top: tuple[Shown, ...] = ()
    box: tuple[int, int, int, int] | None = None  # where it looked most: left, top, right, bottom in the photo's pixels


@dataclass(frozen=True, slots=True)
class Combined:
    """What text and photos say together about the topic. Nothing is decided on it: the text's own score is.

    weight: of the photos' evidence beside the text's, 0..1. pairs: decided cases it was fitted on; 0: none, by default.
    """

    topic: str
    probability: Probability
    weight: Probability
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class DangerSign:
    danger: Danger
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """What a register said. fields: (name, value) as text; found is False when the key is unknown there."""

    register: str
    key_fact: str
    key: str
    found: bool
    fields: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A past case that reads alike. similarity is a cosine, -1..1."""

    case_id: str
    reference: str
    similarity: Score
    topic: str
    outcome: str
    amount: str | None
    closed_at: datetime
    summary: str
    alike: tuple[str, ...] = ()  # why: "text", "topic", or names of facts with equal values


@dataclass(frozen=True, slots=True)
class InputRead:
    """One input of a decision table as it was read. value is text; None with present=True is null."""

    name: str
    present: bool
    value: str | None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class RowRead:
    """A row that did not fire (matched False) or could not be decided (None), and its first such cell."""

    row: str
    matched: bool | None
    input: str | None = None
    cell: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """Everything one evaluation of a table read and answered, enough to repeat it without any model."""

    table: str
    digest: str
    verdict: str
    inputs: tuple[InputRead, ...]
    fired: tuple[str, ...]
    rows: tuple[RowRead, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRead(TableAnswer):
    """The table that decides."""

    upstream: tuple[TableAnswer, ...] = ()  # the tables that it rests on, in the order they were asked


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Of the labelled cases the share at or above a score, how many of them are wrong, and the bound on that."""

    coverage: Probability
    threshold: Probability
    observed: Probability
    upper: Probability


@dataclass(frozen=True, slots=True)
class RequestItem:
    """One thing we ask of the customer. text: a person's own words, where the journey has none for it."""

    key: str
    kind: RequestKind
    fact: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ToldPart:
    """A paragraph of an explanation, and what it is about."""

    about: Literal["did", "why", "used", "otherwise", "who", "object"]
    text: str


@dataclass(frozen=True, slots=True)
class ToldIn:
    language: str
    parts: tuple[ToldPart, ...]


# --- what happens to a message --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """Accepted: its raw bytes are durable at blob owner/raw_sha256 and it has a case (or is machine mail)."""

    message_id: str
    channel: str
    caller: str
    content_type: str
    owner: str
    raw_sha256: str
    size: int
    received_at: datetime
    case_id: str | None = None
    sender: str = ""
    subject: str = ""
    files: tuple[OfferedFile, ...] = ()
    journey: str | None = None
    machine_mail: str | None = None
    kind: Literal["message_received"] = "message_received"


@dataclass(frozen=True, slots=True)
class MessageRead:
    """Parsed and handed to its case."""

    case_id: str
    notes: tuple[str, ...] = ()
    kind: Literal["message_read"] = "message_read"


# --- what happens to a case -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseOpened:
    reference: str
    message_id: str
    channel: str
    sender: str
    sender_name: str = ""
    journey: str | None = None  # as asked for by the caller; else the router chooses
    language: str | None = None
    link_id: str | None = None
    may_belong_to: str | None = None  # a reference that the message names without proof
    kind: Literal["case_opened"] = "case_opened"


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A customer's message in the case. text is what is new; quoted and signature lines are apart."""

    message_id: str
    channel: str
    sender: str
    subject: str
    text: str
    received_at: datetime
    sender_name: str = ""
    quoted: str = ""
    language: str | None = None
    files: tuple[FileSeen, ...] = ()
    notes: tuple[str, ...] = ()
    request: str = ""  # the one (key) that its files were sent for, as the sender said; "" when they did not
    kind: Literal["message_added"] = "message_added"


@dataclass(frozen=True, slots=True)
class Understood:
    """What reading the case's messages gave: language, journey, topic, facts and danger signs.

    score is the number the certificate's threshold is held against; it equals the topic's probability.
    """

    message_id: str
    language: str
    journey: str
    journey_digest: str
    topic: str
    confidence: Probability
    scope: Scope
    scope_score: Score
    model: str
    model_version: str
    top: tuple[Candidate, ...] = ()
    weights: tuple[Weight, ...] = ()
    facts: tuple[Fact, ...] = ()
    dangers: tuple[DangerSign, ...] = ()
    routed: Probability | None = None  # certainty of the router when the message named no journey
    line_of_business: str = "general"  # who may see the case
    photos: tuple[PhotoSeen, ...] = ()  # since schema 2; empty where the journey has no photo model
    combined: Combined | None = None  # since schema 2; None without photos that were seen
    orders: tuple[MessageSpan, ...] = ()  # since schema 2; words to a machine, which models and fact readers left out
    kind: Literal["understood"] = "understood"


@dataclass(frozen=True, slots=True)
class Enriched:
    answers: tuple[RegisterAnswer, ...] = ()
    similar: tuple[Neighbour, ...] = ()
    opposite: Neighbour | None = None  # the nearest case that ended otherwise than the most similar ones
    kind: Literal["enriched"] = "enriched"


@dataclass(frozen=True, slots=True)
class StepDecided:
    """The machine's choice of the next step, with all it was based on. It never holds an adverse option."""

    step: Step
    because: tuple[Why, ...]
    journey: str
    journey_digest: str
    topic: str
    option: str = ""  # key of the journey's option that the step carries out (or would, in shadow)
    requests: tuple[str, ...] = ()
    department: str = ""
    read: TableRead | None = None
    shadow: bool = False  # a closing row fired but a person decides blind: a label for the certificate
    audit: bool = False  # drawn for a blind check after closing
    certificate: str | None = None
    score: Probability | None = None
    threshold: Probability | None = None
    update_by: datetime | None = None  # the customer hears from us by then
    kind: Literal["step_decided"] = "step_decided"


@dataclass(frozen=True, slots=True)
class RequestMade:
    """Asked of the customer, once, with a date."""

    items: tuple[RequestItem, ...]
    due: date
    kind: Literal["request_made"] = "request_made"


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    keys: tuple[str, ...]
    message_id: str
    kind: Literal["request_answered"] = "request_answered"


@dataclass(frozen=True, slots=True)
class TaskPlanned:
    """A planning task for people, with the date the customer was promised."""

    option: str
    department: str
    promised_by: date
    kind: Literal["task_planned"] = "task_planned"


@dataclass(frozen=True, slots=True)
class HandoverAsked:
    """A granted consequence on its way to the organisation's own system. id is the idempotency key."""

    id: str
    option: str
    order: str
    facts: tuple[tuple[str, str], ...] = ()
    kind: Literal["handover_asked"] = "handover_asked"


@dataclass(frozen=True, slots=True)
class HandedOver:
    id: str
    receipt: str
    kind: Literal["handed_over"] = "handed_over"


@dataclass(frozen=True, slots=True)
class HandoverRefused:
    id: str
    reason: str
    kind: Literal["handover_refused"] = "handover_refused"


@dataclass(frozen=True, slots=True)
class LetterWritten:
    """A letter as it will be sent. The tracking link is filled in at sending: its token is stored nowhere."""

    letter_id: str
    letter: str
    effect: Effect
    language: str
    to: str
    subject: str
    body: str
    approved_by: str | None = None
    free_text: bool = False  # holds words that a person typed
    kind: Literal["letter_written"] = "letter_written"


@dataclass(frozen=True, slots=True)
class LetterSent:
    letter_id: str
    message_id: str  # RFC 5322 Message-ID, derived from letter_id
    via: str
    standing: str = ""  # where the case stood, as the letter said it
    kind: Literal["letter_sent"] = "letter_sent"


@dataclass(frozen=True, slots=True)
class LetterWithheld:
    """Not sent, and why: no address to send to, or a mail address that bounced."""

    letter_id: str
    reason: str
    kind: Literal["letter_withheld"] = "letter_withheld"


@dataclass(frozen=True, slots=True)
class LetterBounced:
    """A letter came back. status: by RFC 3463; "" where nobody told one. message_id: the report that told it; "" where
    the mail server refused the address at once. again_at: when the letter is offered again; None: not any more, and its
    address counts as one that does not work.
    """

    letter_id: str
    message_id: str
    status: str
    again_at: datetime | None = None
    address: str = ""  # that does not work, where it is not the one that the letter names
    kind: Literal["letter_bounced"] = "letter_bounced"


@dataclass(frozen=True, slots=True)
class LetterDelayed:
    """A letter that spares the customer's attention leaves at `until`, or with a letter that leaves sooner.

    why: "together": others may join it; "quiet": these are hours in which nothing leaves that can wait; "chat": a
    person answers in the chat.
    """

    letter_id: str
    until: datetime
    why: Literal["together", "quiet", "chat"]
    kind: Literal["letter_delayed"] = "letter_delayed"


@dataclass(frozen=True, slots=True)
class LettersJoined:
    """Letters that leave as one. letters: their ids; the first one carries the others."""

    letters: tuple[str, ...]
    kind: Literal["letters_joined"] = "letters_joined"


@dataclass(frozen=True, slots=True)
class LetterLeftToPerson:
    """The machine wrote it and it does not leave: a person speaks with the customer instead.

    why: there is danger in the case, or the journey says of this moment that it takes a person.
    """

    letter_id: str
    why: Literal["danger", "moment"]
    kind: Literal["letter_left_to_person"] = "letter_left_to_person"


@dataclass(frozen=True, slots=True)
class NoticesChosen:
    """How the customer wants to hear from us. channel: by name, the first to be tried; "": none before others.

    often: "important": what only says how things go stays on their page; what was promised or is asked is sent always.
    language: of letters; "": that of their messages.
    """

    channel: str = ""
    often: Literal["every", "important"] = "every"
    language: str = ""
    kind: Literal["notices_chosen"] = "notices_chosen"


@dataclass(frozen=True, slots=True)
class PromisePassed:
    """The date came by which the customer would hear from us, and what was done about it.

    update_by: the new date; None: a person has to call, and the old one stands as missed. letter_id: of the letter that
    tells it, "" where nothing was written. why: "busy" and "no_answer" tell the new date, the latter to a customer who
    was asked something; "told": a person had spoken with them since; for the others a person calls: there is danger in
    the case, we put them off too often, no letter reaches them, or the journey has none for it.
    """

    promised: datetime
    why: Literal["busy", "no_answer", "told", "danger", "too_often", "unreached", "no_letter"]
    update_by: datetime | None = None
    letter_id: str = ""
    kind: Literal["promise_passed"] = "promise_passed"


@dataclass(frozen=True, slots=True)
class CallAsked:
    """Somebody calls the customer between `opens` and `promised`, on `number` (as +31612345678). by: the person who
    promised it; "" when the customer chose the time on their page. A later one takes the place of an earlier one.
    """

    number: str
    opens: datetime
    promised: datetime
    by: str = ""
    kind: Literal["call_asked"] = "call_asked"


@dataclass(frozen=True, slots=True)
class CallMissed:
    """Nobody noted the call in time. opens, again: the new time that letter_id tells; None: a person calls at once."""

    promised: datetime
    opens: datetime | None = None
    again: datetime | None = None
    letter_id: str = ""
    kind: Literal["call_missed"] = "call_missed"


@dataclass(frozen=True, slots=True)
class HumanDecided:
    """A person's decision. blind: the person had not seen the advice."""

    choice: str
    by: str
    reason: str
    message: str = ""
    corrected_topic: str | None = None
    blind: bool = False
    decided_on: int = 0  # the case's seq that the person saw
    update_by: datetime | None = None  # the customer hears from us by then
    reason_code: str = ""  # of cases.reasons; "" where only words were given
    role: str = ""  # in which they decided; "" where it is not known
    kind: Literal["human_decided"] = "human_decided"


@dataclass(frozen=True, slots=True)
class DecisionHeld:
    """A person's decision that leaves the house at leaves_at, unless it is taken back before: until then it is none.

    digest: of the letters and orders that leave with it, as the person saw them; "" where there are none.
    """

    decision: HumanDecided
    leaves_at: datetime
    requests: tuple[str, ...] = ()
    digest: str = ""
    kind: Literal["decision_held"] = "decision_held"


@dataclass(frozen=True, slots=True)
class LetterHeld:
    """A person's letter that leaves the house at leaves_at, unless it is taken back before. items: what it asks for.

    facts: those that its template names, by name, with their values when it was written. message: the person's own
    words in it, which stand in their form again when it is taken back.
    """

    letter: LetterWritten
    leaves_at: datetime
    items: tuple[RequestItem, ...] = ()
    due: date | None = None
    facts: tuple[tuple[str, str], ...] = ()
    message: str = ""
    kind: Literal["letter_held"] = "letter_held"


@dataclass(frozen=True, slots=True)
class Released:
    """What was held leaves the house now. held: the seq of the event that held it."""

    held: int
    kind: Literal["released"] = "released"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was held does not leave. by: a person, or "" where the case had changed before it could leave.

    why: "sent_back": who was to approve it did not; reason: in their words.
    """

    held: int
    by: str
    why: Literal["person", "changed", "sent_back"] = "person"
    reason: str = ""
    kind: Literal["taken_back"] = "taken_back"


@dataclass(frozen=True, slots=True)
class DecisionExplained:
    """What the customer is told of a decision, in each language of their page, in the words of when it was made.

    own_words: what the person who decided wrote for the customer; "" where they wrote nothing.
    """

    option: str
    by: Literal["machine", "person"]
    texts: tuple[ToldIn, ...]
    own_words: str = ""
    kind: Literal["decision_explained"] = "decision_explained"


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """What was held would leave now, and waits for a colleague of this role. held: seq of the event that held it."""

    held: int
    role: Role
    kind: Literal["approval_asked"] = "approval_asked"


@dataclass(frozen=True, slots=True)
class LetterApproved:
    """A colleague read what was held, and lets it leave."""

    held: int
    by: str
    kind: Literal["letter_approved"] = "letter_approved"


@dataclass(frozen=True, slots=True)
class SurveyAsked:
    """The customer was asked how it went, by this letter and on their page."""

    letter_id: str
    kind: Literal["survey_asked"] = "survey_asked"


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """How they were helped, and how they were kept informed: 1 (badly) to 5 (well)."""

    service: SurveyScore
    communication: SurveyScore
    comment: str = ""
    kind: Literal["survey_answered"] = "survey_answered"


@dataclass(frozen=True, slots=True)
class SurveyDeclined:
    """The customer wants no such questions, in this case or another."""

    kind: Literal["survey_declined"] = "survey_declined"


@dataclass(frozen=True, slots=True)
class SurveyCounted:
    """The scores of one answer, in the stream of its journey: without a word or a name, so that they stay."""

    service: SurveyScore
    communication: SurveyScore
    kind: Literal["survey_counted"] = "survey_counted"


@dataclass(frozen=True, slots=True)
class AdviceTested:
    """A person agreed with advice that was wrong on purpose: nothing was done, and they were told at once.

    planted: the option that they were shown; advised: the one that the machine had chosen.
    """

    planted: str
    advised: str
    by: str
    decided_on: int = 0  # the case's seq that the person saw
    kind: Literal["advice_tested"] = "advice_tested"


@dataclass(frozen=True, slots=True)
class CaseClosed:
    outcome: str
    kind: Literal["case_closed"] = "case_closed"


@dataclass(frozen=True, slots=True)
class CaseReopened:
    """update_by: when the customer hears what a second look found."""

    message_id: str
    because: Literal["message", "second_look", "audit", "person"] = "message"
    update_by: datetime | None = None
    kind: Literal["case_reopened"] = "case_reopened"


@dataclass(frozen=True, slots=True)
class FilePackaged:
    """The decision file was built: its bytes have this digest; builder and journey digest say from what."""

    builder: str
    sha256: str
    journey_digest: str
    built_on: int  # the case's seq it was built from
    language: str = "en"
    kind: Literal["file_packaged"] = "file_packaged"


@dataclass(frozen=True, slots=True)
class WorkParked:
    """A piece of work could not be done after all attempts; a person takes the case over."""

    stage: str
    reason: str
    kind: Literal["work_parked"] = "work_parked"


@dataclass(frozen=True, slots=True)
class FactStated:
    """A person entered or corrected a fact."""

    fact: Fact
    by: str
    kind: Literal["fact_stated"] = "fact_stated"


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """caller: who told it by phone or at the desk; blank for a note of a colleague's own."""

    text: str
    by: str
    caller: str = ""
    kind: Literal["note_added"] = "note_added"


@dataclass(frozen=True, slots=True)
class CaseAssigned:
    to: str | None
    by: str
    kind: Literal["case_assigned"] = "case_assigned"


@dataclass(frozen=True, slots=True)
class CaseSnoozed:
    """Nobody has to look at it until then, or until the customer answers or sends a file. Danger wakes it always."""

    until: datetime
    by: str
    wakes: Literal["date", "reply", "document"] = "date"  # since schema 2
    kind: Literal["case_snoozed"] = "case_snoozed"


@dataclass(frozen=True, slots=True)
class ChatTaken:
    """A person answers the customer in the chat: until it ends the machine keeps still in the case."""

    by: str
    kind: Literal["chat_taken"] = "chat_taken"


@dataclass(frozen=True, slots=True)
class ChatEnded:
    """by: a person; "" when nobody had said anything in it for a while."""

    by: str
    why: Literal["person", "silence"] = "person"
    kind: Literal["chat_ended"] = "chat_ended"


@dataclass(frozen=True, slots=True)
class CaseMerged:
    """The case goes on in another one. Nothing of it is moved, and nobody is written to."""

    into: str
    reference: str
    by: str
    reason: str = ""
    kind: Literal["case_merged"] = "case_merged"


@dataclass(frozen=True, slots=True)
class MergedIn:
    """Another case goes on in this one. It holds no words of it: those stay where they are.

    other_customer: its customer is somebody else, who reads nothing of this one's. update_by: what its customer was
    promised, where that is sooner than update_before, which stood here.
    """

    case: str
    reference: str
    by: str
    other_customer: bool = False
    danger: bool = False
    update_by: datetime | None = None
    update_before: datetime | None = None
    kind: Literal["merged_in"] = "merged_in"


@dataclass(frozen=True, slots=True)
class MergedHeard:
    """The customer of a case that goes on in this one wrote there, or danger was read in it."""

    case: str
    message_id: str
    danger: bool = False
    kind: Literal["merged_heard"] = "merged_heard"


@dataclass(frozen=True, slots=True)
class MergeTakenBack:
    """Both cases go on by themselves again. case: the other one."""

    case: str
    by: str
    kind: Literal["merge_taken_back"] = "merge_taken_back"


@dataclass(frozen=True, slots=True)
class CaseLinked:
    """Shown beside another case. relation: what that one is to this one."""

    case: str
    reference: str
    relation: Literal["parent", "child", "duplicate", "related"]
    by: str
    kind: Literal["case_linked"] = "case_linked"


@dataclass(frozen=True, slots=True)
class LinkRemoved:
    case: str
    relation: Literal["parent", "child", "duplicate", "related"]
    by: str
    kind: Literal["link_removed"] = "link_removed"


@dataclass(frozen=True, slots=True)
class CaseSplit:
    """Some of what was said here goes on in a new case. files: single ones, of messages that stay."""

    case: str
    reference: str
    messages: tuple[str, ...]
    files: tuple[str, ...]
    by: str
    reason: str = ""
    kind: Literal["case_split"] = "case_split"


@dataclass(frozen=True, slots=True)
class SplitOff:
    """It began in another case. messages: those that are copied from there. told: its customer hears of it."""

    case: str
    reference: str
    messages: tuple[str, ...]
    by: str
    told: bool = True
    kind: Literal["split_off"] = "split_off"


@dataclass(frozen=True, slots=True)
class SplitTakenBack:
    """What went to a case of its own is this one's again; what was added there is merged in."""

    case: str
    by: str
    kind: Literal["split_taken_back"] = "split_taken_back"


@dataclass(frozen=True, slots=True)
class RepresentativeNamed:
    """Somebody may follow the case for its customer, or answer for them too, by a link of their own.

    copies: they get a copy of each letter. by: the person who noted it; "" when the customer did.
    """

    representative: str
    link_id: str
    name: str
    address: str
    acts_as: ActsAs
    access: Access
    until: datetime
    copies: bool = False
    by: str = ""
    kind: Literal["representative_named"] = "representative_named"


@dataclass(frozen=True, slots=True)
class RepresentativeWithdrawn:
    """Their link opens nothing any more. by: as above; "" too where nobody asked: it was over, or the case moved."""

    representative: str
    why: Literal["asked", "over", "moved"] = "asked"
    by: str = ""
    kind: Literal["representative_withdrawn"] = "representative_withdrawn"


@dataclass(frozen=True, slots=True)
class CopyAsked:
    """A letter that was sent is to reach a representative too."""

    representative: str
    letter_id: str
    kind: Literal["copy_asked"] = "copy_asked"


@dataclass(frozen=True, slots=True)
class RepresentativeMailed:
    """Their link, or a copy of a letter (letter_id), left under this name; or it did not, and why."""

    representative: str
    letter_id: str = ""
    message_id: str = ""
    why: str = ""
    kind: Literal["representative_mailed"] = "representative_mailed"


@dataclass(frozen=True, slots=True)
class StatementSigned:
    """The customer agreed to a statement as it stood before them: a simple electronic signature (eIDAS art. 3(10)).

    digest: SHA-256 of the statement in UTF-8. name: as they typed it. Neither an address of theirs on the internet nor
    a picture is kept; that they held the link, the words and the moment is all the evidence there is.
    """

    request: str
    statement: str
    digest: str
    language: str
    name: str
    kind: Literal["statement_signed"] = "statement_signed"


@dataclass(frozen=True, slots=True)
class LinkRenewed:
    """The customer's letters hold this link from now on: the one before ended when the case moved."""

    link_id: str
    kind: Literal["link_renewed"] = "link_renewed"


@dataclass(frozen=True, slots=True)
class CaseImported:
    """A case decided before we came: it counts for similar cases and, when decided blind, for certificates."""

    reference: str
    journey: str
    received_at: datetime
    decided_at: datetime
    text: str
    outcome: str
    decided_by: str
    blind: bool
    customer: str
    simulated: bool = False
    amount: str | None = None
    topic: str | None = None
    language: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    photos: int = 0  # how many usable photos it held
    line_of_business: str = "general"
    kind: Literal["case_imported"] = "case_imported"


@dataclass(frozen=True, slots=True)
class CaseErased:
    """All words, files and personal facts of this case were destroyed; the chain still verifies."""

    by: str
    why: str
    kind: Literal["case_erased"] = "case_erased"


# --- what happens to journeys, models, access and the log itself ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One statement of a language model. about: a fact's name, a topic's, the id of a message or file; "" in running
    text. sources: what it points at, each checked to be there; never empty.
    """

    text: str
    sources: tuple[Source, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class LlmCalled:
    """A language model was asked, or was not because it may not; never what was asked or said.

    prompt: name and version. asked: SHA-256 of all that it was given, by which the same is not asked twice. cost: in
    euros at the prices of the settings, a decimal string. milliseconds: of all tries together.
    """

    task: Help
    outcome: LlmOutcome
    model: str
    prompt: str
    asked: str
    tries: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: str = "0"
    milliseconds: int = 0
    kind: Literal["llm_called"] = "llm_called"


@dataclass(frozen=True, slots=True)
class AssistantSaid:
    """What is left of an answer of a language model after its citations were checked. No rule or letter reads it.

    dropped: statements without evidence, or with evidence that is not there. shadow: nobody is shown it. twin: what
    the product says to the same without a language model, told as `lines` are; () where there is nothing to compare.
    """

    said_id: str
    task: Help
    model: str
    prompt: str
    asked: str
    language: str
    lines: tuple[SaidLine, ...]
    dropped: int = 0
    question: str = ""  # that a colleague asked, or the message or file that it was about
    shadow: bool = False
    twin: tuple[str, ...] = ()
    kind: Literal["assistant_said"] = "assistant_said"


@dataclass(frozen=True, slots=True)
class AssistantJudged:
    """What a person did with it. line: its place in `lines`, from 0; None for all of it.

    distance: characters that were changed, put in or taken out (Levenshtein) of `length` that were offered.
    """

    said_id: str
    verdict: Literal["kept", "edited", "discarded"]
    by: str
    line: int | None = None
    distance: int = 0
    length: int = 0
    kind: Literal["assistant_judged"] = "assistant_judged"


@dataclass(frozen=True, slots=True)
class JourneyLoaded:
    """A journey folder as it stood, whole: decisions name its digest and files are re-derived from it."""

    name: str
    digest: str
    snapshot: dict[str, Any]
    kind: Literal["journey_loaded"] = "journey_loaded"


@dataclass(frozen=True, slots=True)
class ModelTrained:
    model: str
    version: str
    digest: str
    data_digest: str
    metrics: tuple[tuple[str, str], ...] = ()
    kind: Literal["model_trained"] = "model_trained"


@dataclass(frozen=True, slots=True)
class ModelCompared:
    """A challenger held against the version that served, on the same customers, whom neither was trained on.

    champion, challenger: versions. accuracy: shares of the n messages that each read rightly. low, high: 95 % interval
    of the difference. verdict: "better", "worse" or "no_better".
    """

    model: str
    champion: str
    challenger: str
    n: int
    groups: int
    champion_accuracy: Probability
    challenger_accuracy: Probability
    low: Score
    high: Score
    verdict: str
    because: str
    by: str
    labels: int = 0  # people's decisions that the challenger was trained on
    kind: Literal["model_compared"] = "model_compared"


@dataclass(frozen=True, slots=True)
class ModelPromoted:
    """Another version serves from now on: a promotion, or a rollback to what served before."""

    model: str
    version: str
    before: str
    by: str
    why: str
    kind: Literal["model_promoted"] = "model_promoted"


@dataclass(frozen=True, slots=True)
class CertificationTried:
    """One look at the evidence of a topic. Every look is numbered: looking often costs certainty."""

    certificate: str
    journey: str
    topic: str
    model_digest: str
    rules_digest: str
    alpha: Probability
    delta: Probability
    attempt: int
    labels: int
    errors: int
    above: int
    upper: Probability
    certified: bool
    needs: int
    threshold: Probability | None = None
    method: str = ""
    simulated: bool = False
    curve: tuple[RiskPoint, ...] = ()  # from few cases to all, on the labels that certify
    kind: Literal["certification_tried"] = "certification_tried"


@dataclass(frozen=True, slots=True)
class TopicShut:
    journey: str
    topic: str
    by: str
    why: str
    kind: Literal["topic_shut"] = "topic_shut"


@dataclass(frozen=True, slots=True)
class TopicReopened:
    """A person took back that a person shut the topic: the certificates shut with it stand again."""

    journey: str
    topic: str
    by: str
    why: str
    kind: Literal["topic_reopened"] = "topic_reopened"


@dataclass(frozen=True, slots=True)
class AuditDrawn:
    """A case that closed by itself was drawn for a blind check. Their order is the order in which they count."""

    journey: str
    topic: str
    certificate: str
    case: str
    kind: Literal["audit_drawn"] = "audit_drawn"


@dataclass(frozen=True, slots=True)
class AuditObserved:
    """What a blind check found, and where the evidence against its certificate stands with it.

    late: nobody had checked it in time, which counts as wrong. audits, errors: verdicts of people so far, and the
    wrong ones. e: the e-process, which reads audits as they were drawn; detector: the sum of the Shiryaev-Roberts
    detector, which reads them as they come in.
    """

    journey: str
    topic: str
    certificate: str
    case: str
    wrong: bool
    late: bool
    audits: int
    errors: int
    e: Score
    detector: Score
    did: Literal["nothing", "share_raised", "shut"] = "nothing"
    kind: Literal["audit_observed"] = "audit_observed"


@dataclass(frozen=True, slots=True)
class AuditShareRaised:
    """From now on more of the topic's closed cases are checked: the evidence against its certificate grows."""

    journey: str
    topic: str
    certificate: str
    share: Probability
    why: str
    kind: Literal["audit_share_raised"] = "audit_share_raised"


@dataclass(frozen=True, slots=True)
class DecisionOverseen:
    """How a person decided a case with advice in it. how: they saw it, or none, or one that was planted to be wrong.

    agrees: with the advice, with planted advice where that was shown. seconds: from opening the file to deciding; None
    when that was longer ago than an hour, or nobody opened it.
    """

    journey: str
    journey_digest: str
    topic: str
    case: str
    by: str
    how: Literal["shown", "blind", "planted"]
    agrees: bool
    seconds: int | None = None
    kind: Literal["decision_overseen"] = "decision_overseen"


@dataclass(frozen=True, slots=True)
class DriftSeen:
    """What comes in has changed since the serving version began to read: written once, as long as it lasts.

    value: the difference, in the unit of its measure; p: chance of at least this difference if nothing changed; level:
    the chance it was held against. since: when the oldest of the recent cases came in.
    """

    journey: str
    measure: str
    value: Score
    p: Probability
    level: Probability
    reference_n: int
    recent_n: int
    model_version: str
    since: datetime | None = None
    kind: Literal["drift_seen"] = "drift_seen"


@dataclass(frozen=True, slots=True)
class DriftPassed:
    """What had changed reads as before again, under the same version."""

    journey: str
    measure: str
    value: Score
    p: Probability
    model_version: str
    kind: Literal["drift_passed"] = "drift_passed"


@dataclass(frozen=True, slots=True)
class LearnedRange:
    """How long a case of this topic takes from this step of the machine on: low and high in minutes of opening time.

    n: cases it was learned from; inside: of so many checked ones that began later, those that ended within the range
    that was made before. told: whether customers read it.
    """

    topic: str
    step: Step
    until: Literal["outcome", "next_step"]
    told: bool
    n: int = 0
    checked: int = 0
    inside: int = 0
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class DatesLearned:
    """How long cases of a journey took until now. Holds until the next one; what is left out there is told no more."""

    journey: str
    ranges: tuple[LearnedRange, ...] = ()
    kind: Literal["dates_learned"] = "dates_learned"


@dataclass(frozen=True, slots=True)
class RepliesMeasured:
    """What came in by one channel and was due for an answer. kept: answered within the published time, where there is
    one (promised: as the journey writes it). half, most: minutes of opening time within which 50 and 80 % were
    answered; None where they were not yet.
    """

    channel: str
    promised: str
    n: int
    kept: int
    half: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class RepeatsMeasured:
    """Of the cases that came in within a month (2026-11), how often customers were asked for what the file held.

    asked: questions in all; repeated: those again; cases: references in which that was done, the newest of them.
    """

    month: str
    n: int
    asked: int
    repeated: int
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceMeasured:
    """What the customers of a journey got of what it promises, counted from the events of its cases since a day."""

    journey: str
    since: date
    replies: tuple[RepliesMeasured, ...] = ()
    repeats: tuple[RepeatsMeasured, ...] = ()
    kind: Literal["service_measured"] = "service_measured"


@dataclass(frozen=True, slots=True)
class TableDrafted:
    """A decision table as somebody means to change it; it may be ill-formed, and nothing is lost by that.

    document: JSON text as it was written, since its columns may have an order that a canonical body would sort away.
    base: digest of the published version that it starts from.
    """

    journey: str
    table: str
    document: str
    base: str
    note: str = ""
    kind: Literal["table_drafted"] = "table_drafted"


@dataclass(frozen=True, slots=True)
class DraftDropped:
    journey: str
    table: str
    why: str = ""
    kind: Literal["draft_dropped"] = "draft_dropped"


@dataclass(frozen=True, slots=True)
class TablePublished:
    """A version of a decision table, whole; it decides cases of that day and later, until the next version's day.

    report: digest of the replay report that its publisher had before them; "" for the first version, which came with
    the journey's folder, and for one that was in force before. unknown_accepted: the verification had not come to an
    end, and the publisher took that on.
    """

    journey: str
    table: str
    digest: str
    document: dict[str, Any]
    effective_from: date
    report: str = ""
    drafted_by: str = ""
    note: str = ""
    unknown_accepted: bool = False
    kind: Literal["table_published"] = "table_published"


@dataclass(frozen=True, slots=True)
class TableShadowed:
    """From now on this version answers beside the one in force, is noted and decides nothing."""

    journey: str
    table: str
    digest: str
    document: dict[str, Any]
    kind: Literal["table_shadowed"] = "table_shadowed"


@dataclass(frozen=True, slots=True)
class ShadowAnswered:
    """What a version in shadow would have said of a case, beside what the tables in force said of it.

    Written in the shadow's own stream, never in the case's. decided: digest of the table in force. step, option: ""
    where a table gave no answer. agrees: both gave the same answer, whichever row it came from.
    """

    journey: str
    table: str
    digest: str
    case: str
    decided: str
    step: str
    option: str
    row: str
    shadow_step: str
    shadow_option: str
    shadow_row: str
    agrees: bool
    kind: Literal["shadow_answered"] = "shadow_answered"


@dataclass(frozen=True, slots=True)
class ShadowEnded:
    journey: str
    table: str
    digest: str
    kind: Literal["shadow_ended"] = "shadow_ended"


@dataclass(frozen=True, slots=True)
class ReplayReported:
    """What a version of a table would have changed in the decisions up to `through` was worked out.

    base: digest of the version in force; digest: of the version that was tried. report: sha256 of the report's
    canonical JSON, under which it is kept. decisions: how many were decided again; moved: those with another answer.
    """

    journey: str
    table: str
    base: str
    digest: str
    report: str
    through: datetime
    decisions: int = 0
    moved: int = 0
    kind: Literal["replay_reported"] = "replay_reported"


@dataclass(frozen=True, slots=True)
class ShadowReading:
    """One case as two versions read it: the serving one when it came in, and the one that waits, later."""

    case: str
    language: str
    channel: str
    topic: str
    scope: Scope
    confidence: Probability
    shadow_topic: str
    shadow_scope: Scope
    shadow_confidence: Probability


@dataclass(frozen=True, slots=True)
class ShadowRead:
    """What a version that waits makes of live cases. It is told and decides nothing.

    through: cases that came in until then were looked at; those that the champion did not read are not among them.
    """

    journey: str
    version: str
    champion: str
    through: datetime
    readings: tuple[ShadowReading, ...] = ()
    kind: Literal["shadow_read"] = "shadow_read"


@dataclass(frozen=True, slots=True)
class AccessNoted:
    """Something about accounts, sessions or reading: who did what to whom."""

    what: str
    who: str
    subject: str = ""
    kind: Literal["access_noted"] = "access_noted"


@dataclass(frozen=True, slots=True)
class TextsStopped:
    """Somebody wrote STOP: their number gets no texts. Written in the number's own stream. message_id: in which."""

    message_id: str
    kind: Literal["texts_stopped"] = "texts_stopped"


@dataclass(frozen=True, slots=True)
class TextsWanted:
    """They wrote START: their number gets texts again."""

    message_id: str
    kind: Literal["texts_wanted"] = "texts_wanted"


@dataclass(frozen=True, slots=True)
class CheckpointMade:
    """Merkle root over all stream heads (RFC 6962 hashing, streams in order of name)."""

    root: str
    streams: int
    kind: Literal["checkpoint_made"] = "checkpoint_made"


# --- what reading an old or foreign log may give ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Erased:
    """An event whose body was erased; only its kind is left."""

    was: str
    kind: Literal["erased"] = "erased"


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event written by a newer version: shown, never decided on."""

    was: str
    body: str
    kind: Literal["unknown"] = "unknown"


Written = (
    MessageReceived | MessageRead | CaseOpened | MessageAdded | Understood | Enriched | StepDecided | RequestMade
    | RequestAnswered | TaskPlanned | HandoverAsked | HandedOver | HandoverRefused | LetterWritten | LetterSent
    | LetterWithheld | HumanDecided | DecisionHeld | LetterHeld | Released | TakenBack | CaseClosed | CaseReopened
    | FilePackaged | WorkParked | FactStated | NoteAdded | CaseAssigned | CaseSnoozed | ChatTaken | ChatEnded
    | CaseMerged | MergedIn | MergedHeard | MergeTakenBack | CaseLinked | LinkRemoved | CaseSplit | SplitOff
    | SplitTakenBack | CaseImported | CaseErased
    | RepresentativeNamed | RepresentativeWithdrawn | CopyAsked | RepresentativeMailed | LinkRenewed
    | StatementSigned
    | JourneyLoaded | ModelTrained | ModelCompared | ModelPromoted | CertificationTried | TopicShut | TopicReopened
    | AuditDrawn | AuditObserved | AuditShareRaised | ShadowRead | DriftSeen | DriftPassed | TableDrafted
    | DatesLearned | ServiceMeasured
    | DraftDropped | TablePublished | TableShadowed | ShadowAnswered | ShadowEnded | ReplayReported | AccessNoted
    | LetterBounced | CheckpointMade | AdviceTested | DecisionOverseen | PromisePassed | DecisionExplained
    | SurveyAsked | SurveyAnswered | SurveyDeclined | SurveyCounted
    | LetterDelayed | LettersJoined | LetterLeftToPerson | NoticesChosen | ApprovalAsked | LetterApproved
    | CallAsked | CallMissed
    | TextsStopped | TextsWanted
    | LlmCalled | AssistantSaid | AssistantJudged
)  # fmt: skip
Event = Written | Erased | Unknown

_ADAPTER: TypeAdapter[Written] = TypeAdapter(Annotated[Written, Discriminator("kind")])
_KINDS: dict[str, type[Any]] = {get_args(cls.__annotations__["kind"])[0]: cls for cls in get_args(Written)}

#: Schema number of each kind that has changed since its first form; all others are at 1.
SCHEMAS: dict[str, int] = {"understood": 2, "case_snoozed": 2}

#: Version of the language of events. It rises with every new kind and every new schema; a program does no work in a
#: stream that holds an event of a later version.
LANGUAGE = 2

#: The version since which a kind, in its present schema, is written; all others since the first.
SINCE: dict[str, int] = {
    "understood": 2,
    "model_compared": 2,
    "model_promoted": 2,
    "audit_drawn": 2,
    "audit_observed": 2,
    "audit_share_raised": 2,
    "topic_reopened": 2,
    "drift_seen": 2,
    "drift_passed": 2,
    "shadow_read": 2,
    "table_drafted": 2,
    "draft_dropped": 2,
    "table_published": 2,
    "table_shadowed": 2,
    "shadow_answered": 2,
    "shadow_ended": 2,
    "replay_reported": 2,
    "case_snoozed": 2,
    "decision_held": 2,
    "letter_held": 2,
    "released": 2,
    "taken_back": 2,
    "advice_tested": 2,
    "decision_overseen": 2,
    "case_merged": 2,
    "merged_in": 2,
    "merged_heard": 2,
    "merge_taken_back": 2,
    "case_linked": 2,
    "link_removed": 2,
    "case_split": 2,
    "split_off": 2,
    "split_taken_back": 2,
    "letter_bounced": 2,
    "texts_stopped": 2,
    "texts_wanted": 2,
    "promise_passed": 2,
    "call_asked": 2,
    "call_missed": 2,
    "dates_learned": 2,
    "service_measured": 2,
    "chat_taken": 2,
    "chat_ended": 2,
    "letter_delayed": 2,
    "letters_joined": 2,
    "letter_left_to_person": 2,
    "notices_chosen": 2,
    "approval_asked": 2,
    "letter_approved": 2,
    "decision_explained": 2,
    "survey_asked": 2,
    "survey_answered": 2,
    "survey_declined": 2,
    "survey_counted": 2,
    "representative_named": 2,
    "representative_withdrawn": 2,
    "copy_asked": 2,
    "representative_mailed": 2,
    "link_renewed": 2,
    "statement_signed": 2,
    "llm_called": 2,
    "assistant_said": 2,
    "assistant_judged": 2,
}


def since(kind: str) -> int:
    return SINCE.get(kind, 1)


def schema_of(kind: str) -> int:
    return SCHEMAS.get(kind, 1)


def write_event(event: Written) -> str:
    """The event's body as canonical JSON text (RFC 8785): exactly the bytes that are hashed and stored.

    orjson's sorted output equals RFC 8785 because bodies have ASCII keys, no floats and no lone surrogates.
    """
    return orjson.dumps(
        _ADAPTER.dump_python(event, mode="json", warnings="error"), option=orjson.OPT_SORT_KEYS
    ).decode()


def read_event(kind: str, schema: int, body: str | None) -> Event:
    """The event that a stored row holds; Erased without a body, Unknown for a kind or schema newer than ours."""
    if body is None:
        return Erased(kind)
    if kind not in _KINDS or schema > schema_of(kind):
        return Unknown(kind, body)
    return _ADAPTER.validate_python(upcast(kind, schema, orjson.loads(body)))


def upcast(kind: str, schema: int, body: dict[str, Any]) -> dict[str, Any]:
    """Lift a stored body to the current schema, one step at a time."""
    for number in range(schema, schema_of(kind)):
        body = UPCASTERS[kind, number](body)
    return body


#: (kind, schema) -> how its body reads in the next schema.
UPCASTERS: dict[tuple[str, int], Any] = {("understood", 1): dict, ("case_snoozed", 1): dict}
