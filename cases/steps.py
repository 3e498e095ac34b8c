"""The next step of a case: guards that send it to a person, then the decision table, then the certificate. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from cases.answering import rest_of_what_was_asked
from cases.case import Case
from cases.contradictions import contradictions
from cases.events import InputRead, RowRead, StepDecided, TableAnswer, TableRead, Understood
from cases.facts import RuleRow, best
from cases.inputs import local_day, read_inputs, recorded
from cases.journey_folder import JourneyFolder
from cases.promises import after_step
from cases.rules.chain import Consulted, evaluate_chain, rests_on
from cases.rules.domains import MISSING
from cases.rules.evaluate import Verdict
from cases.vocabulary import FileKind, FileStatus, RequestKind, Scope, Step, Why


@dataclass(frozen=True, slots=True)
class Certificate:
    """A standing certificate of a topic: cases scoring at least `threshold` may close by themselves."""

    id: str
    threshold: float


def next_step(
    case: Case, folder: JourneyFolder, *, certificate: Certificate | None, at: datetime, drawn: bool = False
) -> StepDecided:
    """What happens next with a case that was understood and enriched. Never adverse, by construction of the journey.

    drawn: for a blind check. A person then judges it without seeing what the machine chose: after it was closed, or
    instead of it, where its score is below the certificate's threshold.
    """
    verdict, read = _consult(case, folder)
    guards = tuple(_guards(case, folder))
    if guards:
        return _step(case, folder, Step.EXPERT, guards, at=at, read=read)
    if better := _files_to_ask_again(case):
        return _step(case, folder, Step.REQUEST_INFO, (Why.UNUSABLE_FILE,), at=at, read=read, requests=better)
    if verdict.kind not in ("fired", "else"):
        why = Why.CONFLICT if verdict.kind == "conflict" else Why.MISSING_INPUT
        return _step(case, folder, Step.EXPERT, (why,), at=at, read=read)
    step = Step(str(verdict.outputs["step"]))
    why = Why.ROW if verdict.kind == "fired" else Why.ELSE_ROW
    match step:
        case Step.AUTO_CLOSE:
            return _closing(case, folder, verdict, read, certificate=certificate, drawn=drawn, at=at)
        case Step.REQUEST_INFO:
            return _asking(case, folder, verdict, read, at=at)
        case _:
            return _step(case, folder, step, (why,), at=at, read=read, verdict=verdict)


def would_close(case: Case, folder: JourneyFolder) -> str | None:
    """The option that a closing row gives this case if the threshold is left out of account; else None.

    This is membership of the population that a certificate speaks of (docs/models.md).
    """
    if tuple(_guards(case, folder)) or _files_to_ask_again(case) or contradictions(case, folder.journey):
        return None
    verdict, _ = _consult(case, folder)
    if verdict.kind == "fired" and verdict.outputs["step"] == Step.AUTO_CLOSE:
        return str(verdict.outputs["option"])
    return None


def held_as_paid(step: StepDecided, folder: JourneyFolder, *, at: datetime) -> StepDecided:
    """The same step, left to a person: the machine pays nothing that may have been paid before."""
    update_by = after_step(Step.EXPERT, folder.journey, at=at, urgent=False)
    return replace(
        step, step=Step.EXPERT, because=(Why.PAID_BEFORE,), shadow=False, audit=False, certificate=None,
        update_by=update_by,
    )  # fmt: skip


def answered(case: Case, folder: JourneyFolder) -> Verdict:
    """What the tables alone say of a case, whatever guards stand before them."""
    return _consult(case, folder)[0]


def _guards(case: Case, folder: JourneyFolder) -> list[Why]:
    """Reasons to go to a person whatever the table says, most urgent first."""
    read = case.understood
    guards = (
        (bool(case.dangers), Why.DANGER),
        (bool(case.parked), Why.COULD_NOT_BE_PROCESSED),
        (case.reopened, Why.REOPENED),
        (
            case.human_ever
            or case.chat.taken
            or case.call is not None
            or case.ties.regrouped
            or (case.step is not None and case.step.step is not Step.REQUEST_INFO),
            Why.PERSON_INVOLVED,
        ),
        (case.may_belong_to is not None, Why.BELONGS_ELSEWHERE),
        (read is None or read.scope is Scope.OUT, Why.OUT_OF_SCOPE),
        (
            read is not None and read.scope is Scope.IN and _certainty(read) < float(folder.journey.topic_floor),
            Why.UNCERTAIN_TOPIC,
        ),
        (any(file.findings and file.findings.reused_from for file in case.files), Why.REUSED_PHOTO),
    )
    return [why for stands, why in guards if stands]


def _certainty(read: Understood) -> float:
    """Of topic and journey together: a topic is only as sure as the way to its journey."""
    return read.confidence * (1.0 if read.routed is None else read.routed)


def _consult(case: Case, folder: JourneyFolder) -> tuple[Verdict, TableRead]:
    """What the root table says, after the tables that it rests on, with all that was read for it."""
    own = {name: read_inputs(case, folder.tables[name], folder.journey) for name in (*folder.upstream, folder.root.id)}
    said = evaluate_chain(folder.tables, folder.root.id, {name: values for name, (values, _) in own.items()})
    digests = {**folder.upstream, folder.root.id: folder.root_digest}
    verdicts = {one.table.id: one.verdict for one in said.tables}
    *upstream, root = (_answer_of(one, own[one.table.id][1], digests, verdicts) for one in said.tables)
    read = TableRead(
        root.table, root.digest, root.verdict, root.inputs, root.fired, root.rows, root.missing, tuple(upstream)
    )
    return said.root, read


def _answer_of(
    said: Consulted, own: tuple[InputRead, ...], digests: Mapping[str, str], verdicts: Mapping[str, Verdict]
) -> TableAnswer:
    verdict = said.verdict
    rows = tuple(
        RowRead(trace.row, trace.matched, *(trace.failing or (None, None, None)))
        for trace in verdict.traces
        if trace.row not in verdict.fired
    )
    reads = tuple(
        read if (from_ := rests_on(column)) is None else _answered(said, column.name, from_[0], digests, verdicts)
        for column, read in zip(said.table.inputs, own, strict=True)
    )
    table = said.table.id
    return TableAnswer(table, digests[table], verdict.kind, reads, verdict.fired, rows, verdict.missing)


def _answered(
    said: Consulted, name: str, table: str, digests: Mapping[str, str], verdicts: Mapping[str, Verdict]
) -> InputRead:
    """An input that another table answered, with the rows that did; not present where it gave no answer."""
    rows = tuple(RuleRow(table, digests[table], row) for row in verdicts[table].fired)
    value = said.inputs.get(name, MISSING)
    return InputRead(name, present=value is not MISSING, value=recorded(value), sources=rows)


def _files_to_ask_again(case: Case) -> tuple[str, ...]:
    """Requests for better copies of unusable files of the newest message, if not asked before."""
    if not case.messages:
        return ()
    unusable = [file for file in case.messages[-1].files if file.status is FileStatus.UNUSABLE]
    wanted = dict.fromkeys("better_photo" if file.kind is FileKind.PHOTO else "readable_file" for file in unusable)
    return tuple(key for key in wanted if not _asked(case, key))


def _asked(case: Case, key: str) -> bool:
    return any(request.item.key == key for request in case.requests)


def _closing(
    case: Case, folder: JourneyFolder, verdict: Verdict, read: TableRead, *, certificate: Certificate | None,
    drawn: bool, at: datetime,
) -> StepDecided:  # fmt: skip
    """A closing row fired: close under a certificate, else a person decides; blind while there is no certificate.

    Under one, cases are drawn with the same chance above the threshold and below it: only then do the blind verdicts
    on them speak for what another model or threshold would do.
    """
    topic = case.topic or ""
    if contradictions(case, folder.journey):
        return _step(case, folder, Step.EXPERT, (Why.CONTRADICTION,), at=at, read=read)
    if topic not in folder.journey.auto_close.topics:
        return _step(case, folder, Step.EXPERT, (Why.NOT_CERTIFIED,), at=at, read=read, verdict=verdict)
    if certificate is None:
        return _step(
            case, folder, Step.AUTO_CLOSE, (Why.NOT_CERTIFIED,), at=at, read=read, verdict=verdict, shadow=True
        )
    score = case.understood.confidence if case.understood else 0.0
    below = score < certificate.threshold
    return _step(
        case, folder,
        Step.EXPERT if below and not drawn else Step.AUTO_CLOSE,
        (Why.BELOW_THRESHOLD if below else Why.ROW,),
        at=at, read=read, verdict=verdict, certificate=certificate, shadow=below and drawn, audit=drawn and not below,
    )  # fmt: skip


def _asking(case: Case, folder: JourneyFolder, verdict: Verdict, read: TableRead, *, at: datetime) -> StepDecided:
    """Ask only what the file does not hold and was not asked before; otherwise a person takes over."""
    named = verdict.outputs["requests"]
    wanted = tuple(key for key in named if not _asked(case, key) and not _held(case, folder, key)) if isinstance(
        named, tuple
    ) else ()  # fmt: skip
    if not wanted and isinstance(named, tuple) and _rest_is_coming(case, named, today=local_day(at, folder.journey)):
        return _step(case, folder, Step.REQUEST_INFO, (Why.ROW,), at=at, read=read)
    if not wanted:
        return _step(case, folder, Step.EXPERT, (Why.ASKED_BEFORE,), at=at, read=read)
    return _step(case, folder, Step.REQUEST_INFO, (Why.ROW,), at=at, read=read, requests=wanted)


def _rest_is_coming(case: Case, keys: Collection[str], *, today: date) -> bool:
    """Whether the newest message answered a part of what was asked, and files of the rest may still come in time."""
    part = bool(case.messages) and case.last_answer == case.messages[-1].message_id
    still = [request for request in case.open_requests if request.item.key in keys]
    rest = rest_of_what_was_asked(case)
    return part and bool(still) and all(one in rest and date.fromisoformat(one.due) >= today for one in still)


def _held(case: Case, folder: JourneyFolder, key: str) -> bool:
    """Whether the file holds the answer to a request for a fact already."""
    request = folder.journey.requests[key]
    return request.kind is RequestKind.FACT and request.fact is not None and best(case.facts, request.fact) is not None


def _step(
    case: Case, folder: JourneyFolder, step: Step, because: tuple[Why, ...], *, at: datetime, read: TableRead,
    verdict: Verdict | None = None, requests: tuple[str, ...] = (), shadow: bool = False,
    certificate: Certificate | None = None, audit: bool = False,
) -> StepDecided:  # fmt: skip
    outputs = verdict.outputs if verdict is not None else {}
    return StepDecided(
        step=step,
        because=because,
        journey=folder.name,
        journey_digest=folder.digest,
        topic=case.topic or "",
        option=str(outputs.get("option") or ""),
        requests=requests,
        department=str(outputs.get("department") or ""),
        read=read,
        shadow=shadow,
        audit=audit,
        certificate=certificate.id if certificate and step is Step.AUTO_CLOSE else None,
        score=case.understood.confidence if case.understood else None,
        threshold=certificate.threshold if certificate else None,
        update_by=after_step(Step.EXPERT if shadow else step, folder.journey, at=at, urgent=bool(case.dangers)),
    )
