"""What a certificate may rest on: verdicts of people who had not seen the advice, scored by one model and one table.

Only the reserve counts. A verdict given under another model or table is scored anew, by replay: the case as it stood
before its step goes through the pipeline again, with the answers that registers gave then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cases import events as e
from cases import steps
from cases.case import ESCALATE, NEED_MORE, Case, Entry, fold
from cases.facts import Fact, Person
from cases.journey_folder import JourneyFolder
from cases.store.certificates import Certificate
from cases.vocabulary import FileKind, FileStatus
from models.certify import ScoredCase, draw_audit, in_reserve
from models.text import TextModel
from pipelines.house import House
from pipelines.labels import histories
from pipelines.seeing import with_photos
from pipelines.shares import share_at
from pipelines.stages.enrich import answers_of
from pipelines.stages.understand import listen, text_of, understood
from pipelines.standing import models_digest, models_of
from pipelines.text_models import version_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """Verdicts of one journey, as the certificate wants them; at: when each was given, in the same order.

    simulated: some of them are of imported cases that never happened.
    """

    rows: tuple[ScoredCase, ...]
    at: tuple[datetime, ...]
    simulated: bool

    def since(self, moments: Mapping[str, datetime]) -> tuple[ScoredCase, ...]:
        """Those given after a topic's moment, where it has one."""
        pairs = zip(self.rows, self.at, strict=True)
        return tuple(row for row, at in pairs if row.topic not in moments or at > moments[row.topic])


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is certified: the models and the journey with its tables, frozen.

    photo: version of the journey's photo model, "" without one: what photos contradict does not close. version: of the
    text model; digest: of both.
    """

    model: TextModel
    folder: JourneyFolder
    photo: str = ""

    @property
    def version(self) -> str:
        return version_of(self.model)

    @property
    def digest(self) -> str:
        return models_digest(self.version, self.photo)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A case of the shadow phase or an audit, as it stood before the step, and what its judge chose.

    blind: the judge was asked blind. Otherwise they merely saw no advice, because there was none.
    """

    case: Case
    step: e.StepDecided
    choice: str
    at: datetime
    blind: bool


def gather(house: House, journey: str, pipeline: Pipeline | None = None) -> Evidence:
    """Every verdict of the reserve on a case that this pipeline, else the one that serves, would close but for the
    threshold.
    """
    pipeline = pipeline or serving(house, journey)
    with house.database.reading() as store:
        certificates = store.certificates.all(journey)
    past, judged = list[e.CaseImported](), list[_Judged]()
    for case_id, entries in histories(house, journey):
        first, one = entries[0].event, _judged(case_id, entries, house)
        if isinstance(first, e.CaseImported) and first.blind and in_reserve(house.keys.reserve, first.customer):
            past.append(first)
        if one is not None:
            judged.append(one)
    found = [*_of_past(past, pipeline, house), *_of_judged(judged, pipeline, certificates, house)]
    rows, at = tuple(row for row, _ in found), tuple(at for _, at in found)
    return Evidence(rows, at, simulated=any(one.simulated for one in past))


def serving(house: House, journey: str) -> Pipeline:
    return Pipeline(house.texts.of(journey), house.journeys.get(journey), house.photos.version(journey))


def _of_past(imported: Sequence[e.CaseImported], pipeline: Pipeline, house: House) -> list[tuple[ScoredCase, datetime]]:
    """Past cases: those it would close, with what the blind decider chose instead."""
    cases = [_as_new(one) for one in imported]
    scored = []
    for one, case in zip(imported, _read(cases, pipeline, house), strict=True):
        if case.understood is not None and case.understood.scope == "out":
            continue
        whole = replace(case, enriched=e.Enriched(answers_of(case, pipeline.folder, house)))
        if (row := _row(whole, pipeline, one.outcome, one.customer)) is not None:
            scored.append((row, one.decided_at))
    return scored


def _of_judged(
    judged: Sequence[_Judged], pipeline: Pipeline, certificates: Sequence[Certificate], house: House
) -> list[tuple[ScoredCase, datetime]]:
    as_then = [one for one in judged if one.blind and _is_of(one, pipeline)]
    anew = [one for one in judged if not _is_of(one, pipeline)]
    scored = [
        (ScoredCase(one.step.topic, one.step.score or 0.0, one.choice != one.step.option, one.case.sender), one.at)
        for one in as_then if one.step.topic in pipeline.folder.journey.auto_close.topics
    ]  # fmt: skip
    for one, case in zip(anew, _read([one.case for one in anew], pipeline, house), strict=True):
        row = _row(case, pipeline, one.choice, one.case.sender)
        if row is not None and (one.blind or _drawn_too(one, row.topic, pipeline, certificates, house)):
            scored.append((row, one.at))
    return scored


def _is_of(one: _Judged, pipeline: Pipeline) -> bool:
    """Whether the step was this very pipeline's."""
    read, table = one.case.understood, one.step.read
    if read is None or table is None or models_of(read, pipeline.photo) != pipeline.digest:
        return False
    upstream = {one.table: one.digest for one in table.upstream}
    return table.digest == pipeline.folder.root_digest and upstream == pipeline.folder.upstream


def _drawn_too(one: _Judged, topic: str, pipeline: Pipeline, certificates: Sequence[Certificate], house: House) -> bool:
    """While a topic closes by itself its closed cases are judged by the draw; so those that people decided anyway
    count by the same draw, and not all of them.
    """
    standing = [
        c for c in certificates if c.topic == topic and c.issued_at <= one.at and (not c.shut_at or one.at < c.shut_at)
    ]
    share = min((share_at(pipeline.folder.journey.auto_close, c, one.at) for c in standing), default=1.0)
    return draw_audit(house.keys.reserve, one.case.id, share)


def _row(case: Case, pipeline: Pipeline, choice: str, group: str) -> ScoredCase | None:
    """The case as one of the population; None when it is not one."""
    option, read = steps.would_close(case, pipeline.folder), case.understood
    if option is None or read is None or read.topic not in pipeline.folder.journey.auto_close.topics:
        return None
    return ScoredCase(read.topic, read.confidence, choice != option, group)


def _read(cases: Sequence[Case], pipeline: Pipeline, house: House) -> list[Case]:
    """The cases as this pipeline reads them."""
    folder = pipeline.folder
    texts = [text_of(case) for case in cases]
    words = [text.text for text in texts]
    predictions = pipeline.model.predict(words, house.texts.embed(words))
    heard = listen(cases, house)
    read = []
    for case, text, prediction, sign in zip(cases, texts, predictions, heard, strict=True):
        routed = case.understood.routed if case.understood else None
        now = understood(case, folder, text, prediction, version=pipeline.version, routed=routed, heard=sign)
        if case.understood is not None:  # an imported case has no photos any more
            now = with_photos(now, case, folder, house)
        read.append(replace(case, understood=now, dangers=tuple(dict.fromkeys(case.dangers + now.dangers))))
    return read


def _as_new(one: e.CaseImported) -> Case:
    """An imported case as if its message came in today."""
    photos = tuple(
        e.FileSeen(f"import.{i}", "", "", 0, "image/jpeg", FileKind.PHOTO, FileStatus.RECEIVED)
        for i in range(one.photos)
    )
    message = e.MessageAdded("import", "import", one.customer, "", one.text, one.received_at, files=photos)
    facts = tuple(Fact(name, value, 1.0, (Person(one.decided_by),)) for name, value in one.facts)
    return Case(one.reference, 1, journey=one.journey, language=one.language, messages=(message,), stated=facts)


def _judged(case_id: str, entries: Sequence[Entry], house: House) -> _Judged | None:
    """The first choice of a person who had not seen what the machine would choose; None for others' cases."""
    before: int | None = None
    step: e.StepDecided | None = None
    for index, entry in enumerate(entries):
        match entry.event:
            case e.CaseOpened(sender=sender) if not in_reserve(house.keys.reserve, sender):
                return None
            case e.StepDecided() as newest:
                before, step = index, newest
            case e.HumanDecided(choice=choice, blind=blind) if choice not in (NEED_MORE, ESCALATE):
                if step is None or before is None or not (blind or not step.option):
                    return None
                return _Judged(fold(case_id, entries[:before]), step, choice, entry.at, blind)
            case _:
                continue
    return None
