"""The next step of a case by guards, decision table and certificate, with all that follows from it."""

from collections.abc import Sequence
from dataclasses import replace

from cases import consequences, steps
from cases import events as e
from cases.case import Case, Entry, apply
from cases.chatting import decision_waits
from cases.journey_folder import JourneyFolder
from cases.store.certificates import Certificate
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import MACHINE, Status, Step
from models.certify import draw_audit
from pipelines import paying
from pipelines.house import House
from pipelines.rulebook.shadow_tables import shadows_say
from pipelines.shares import audits_of, share_at
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows
from pipelines.standing import models_of, standing

_READINGS = (e.Understood, e.Enriched)


def decide(batch: Sequence[Item], house: House) -> list[Outcome]:
    folders = [_deciding(case_of(item), house) for item in batch]
    with house.database.reading() as store:
        return [_decide(item, folder, store, house) for item, folder in zip(batch, folders, strict=True)]


def _deciding(case: Case, house: House) -> JourneyFolder | None:
    """The journey as it decides this case, by its day; None while there is nothing to decide on."""
    if case.status is Status.CLOSED or case.understood is None or not case.all_read:
        return None  # a word that came meanwhile has work of its own, and that work decides
    if case.chat.holder is not None:
        return None  # a person answers now: what is decided on, is decided when the chat has ended
    return house.journeys.deciding(case.understood.journey, case)


def _decide(item: Item, folder: JourneyFolder | None, store: Store, house: House) -> Outcome:
    case = case_of(item)
    if folder is None or case.understood is None:
        return NOTHING
    if any(entry.seq > item.entry.seq and isinstance(entry.event, _READINGS) for entry in item.entries):
        return NOTHING  # two messages came together: the reading of the later one is decided on, once
    if isinstance(item.entry.event, e.ChatEnded) and not decision_waits(case, item.entries):
        return NOTHING  # nothing was said in it, or somebody has decided on that
    # The models that read the case are those whose certificate counts, whichever serve by now.
    read_by = models_of(case.understood, house.photos.version(folder.name))
    found = standing(store, folder, case.topic or "", model_digest=read_by)
    step = steps.next_step(
        case,
        folder,
        certificate=steps.Certificate(found.id, found.threshold) if found else None,
        at=item.at,
        drawn=found is not None
        and draw_audit(house.keys.reserve, case.id, share_at(folder.journey.auto_close, found, item.at)),
    )
    if step.step is Step.AUTO_CLOSE and paying.looks_paid(store, house, case, folder, step.option, at=item.at):
        step = steps.held_as_paid(step, folder, at=item.at)
    decided = apply(case, Entry(case.version + 1, item.at, MACHINE, step))
    outcome = follows(item, [step, *consequences.of_step(decided, step, folder, at=item.at)])
    outcome = replace(outcome, appends=(*outcome.appends, *shadows_say(case, folder, house, at=item.at)))
    return _with_draw(outcome, item, step, found) if step.audit and found is not None else outcome


def _with_draw(outcome: Outcome, item: Item, step: e.StepDecided, certificate: Certificate) -> Outcome:
    """The draw is written where no erasure of the case reaches it: an audit can be late, never lost."""
    drawn = e.AuditDrawn(step.journey, step.topic, certificate.id, item.claim.stream)
    append = Append(audits_of(certificate.id), ((drawn, MACHINE),), item.at)
    return replace(outcome, appends=(*outcome.appends, append))
