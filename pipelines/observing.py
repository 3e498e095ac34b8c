"""Blind audits of what closed by itself: observed as people judge, counted wrong when nobody does, acted on at once.

Draws and verdicts lie in a stream of the certificate's own (pipelines.shares.audits_of), because the evidence starts
anew with each; what changes a topic's leave to close lies in the stream `models`. Statistics: models.audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from cases import events as e
from cases.case import ESCALATE, NEED_MORE, Case, Entry
from cases.journey_folder import JourneyFolder
from cases.store.certificates import Certificate
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from models.audit import LIMIT, AuditState, Control, Verdict, control, state_of
from models.certify import delta_prime
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.model_log import STREAM
from pipelines.shares import audits_of, share_at

Did = Literal["nothing", "share_raised", "shut"]
LARGEST = 1e12  # of the numbers that an event holds; evidence beyond it says no more


@dataclass(frozen=True, slots=True)
class Audits:
    """What was audited under one certificate. seq: of its stream; drawn: in order, with the time of the draw."""

    seq: int = 0
    drawn: tuple[tuple[str, datetime], ...] = ()
    observed: tuple[tuple[datetime, e.AuditObserved], ...] = ()

    @property
    def judged(self) -> frozenset[str]:
        """Cases that a person has judged."""
        return frozenset(one.case for _, one in self.observed if not one.late)

    @property
    def counted(self) -> frozenset[str]:
        """Cases that count already, judged or late."""
        return frozenset(one.case for _, one in self.observed)

    def state(self, alpha: float, *more: Verdict) -> AuditState:
        """The evidence after all of them, and after `more` verdicts."""
        verdicts = [Verdict(one.case, one.wrong, one.late) for _, one in self.observed]
        return state_of(alpha, [case for case, _ in self.drawn], [*verdicts, *more])


def read_audits(store: Store, certificate: str) -> Audits:
    return audits_in(store.history(audits_of(certificate)))


def audits_in(entries: Sequence[Entry]) -> Audits:
    return Audits(
        seq=entries[-1].seq if entries else 0,
        drawn=tuple((one.event.case, one.at) for one in entries if isinstance(one.event, e.AuditDrawn)),
        observed=tuple((one.at, one.event) for one in entries if isinstance(one.event, e.AuditObserved)),
    )


def observe_verdict(store: Store, case: Case, choice: str, folder: JourneyFolder, *, at: datetime) -> list[Append]:
    """What a person's choice in a drawn case tells of its certificate: to be written with the choice; [] for others.

    Wrong is another option than the machine's. Asking for more and passing on choose none, and leave the audit open.
    Shuts the topic or raises its share in the present transaction when the evidence asks for it.
    """
    step = case.step
    if step is None or not step.audit or step.certificate is None or choice in (NEED_MORE, ESCALATE):
        return []
    certificate = store.certificates.get(step.certificate)
    audits = read_audits(store, step.certificate)
    if certificate is None or case.id in audits.judged or case.id not in dict(audits.drawn):
        return []
    return _observe(store, certificate, audits, [Verdict(case.id, choice != step.option)], folder=folder, at=at)


def observe_late(house: House) -> int:
    """Count as wrong what was drawn CASEWRIGHT_AUDIT_DAYS ago and never judged; how many. Safe to run twice."""
    with house.database.reading() as store:
        standing = [one for one in store.certificates.all() if one.shut_at is None]
    return sum(_observe_late(house, one) for one in standing if one.journey in house.journeys.folders)


def _observe_late(house: House, certificate: Certificate) -> int:
    def write(store: Store) -> int:
        now = house.now()
        audits, since = read_audits(store, certificate.id), now - timedelta(days=house.settings.audit_days)
        late = [Verdict(case, wrong=True, late=True) for case, at in audits.drawn
                if at < since and case not in audits.counted]  # fmt: skip
        present = store.certificates.get(certificate.id)
        if present is not None and late:
            folder = house.journeys.get(certificate.journey)
            store.append_many(_observe(store, present, audits, late, folder=folder, at=now))
        return len(late)

    return write_in_turn(house.database, write)


def _observe(
    store: Store, certificate: Certificate, audits: Audits, verdicts: Sequence[Verdict], *,
    folder: JourneyFolder, at: datetime,
) -> list[Append]:  # fmt: skip
    """The verdicts one by one, with what each does; nothing follows once the certificate is shut."""
    one, events, models = certificate, [], list[e.Written]()
    for verdict in verdicts:
        state = audits.state(certificate.alpha, verdict)
        did, follows = _act(store, one, state, folder=folder, at=at)
        judged = [seen for _, seen in audits.observed if not seen.late] + ([] if verdict.late else [verdict])
        event = e.AuditObserved(
            journey=one.journey, topic=one.topic, certificate=one.id, case=verdict.case,
            wrong=verdict.wrong, late=verdict.late,
            audits=len(judged), errors=sum(seen.wrong for seen in judged),
            e=min(state.e, LARGEST), detector=min(state.detector, LARGEST), did=did,
        )  # fmt: skip
        events.append(event)
        audits = replace(audits, observed=(*audits.observed, (at, event)))
        models += follows
        one = store.certificates.get(one.id) or one
    appends = [Append(audits_of(one.id), [(event, SYSTEM) for event in events], at, expected=audits.seq)]
    return [*appends, Append(STREAM, [(event, SYSTEM) for event in models], at)] if models else appends


def _act(
    store: Store, certificate: Certificate, state: AuditState, *, folder: JourneyFolder, at: datetime
) -> tuple[Did, list[e.Written]]:
    """What the evidence asks for, done in the store; with the events that say so."""
    if certificate.shut_at is not None:
        return "nothing", []
    level = delta_prime(certificate.delta, len(folder.journey.auto_close.topics))
    match control(state, delta_prime=level):
        case Control.BROKEN:
            why = f"guarantee broken: audits say that more than {certificate.alpha:.2%} is wrong, e = {state.peak:.0f}"
        case Control.SHUT:
            why = f"audits found a rise: the detector stands at {state.detector:.0f} of {LIMIT:.0f}"
        case Control.RAISE_SHARE if certificate.share_raised_at is None:
            store.certificates.raise_share(certificate.id, at=at)
            share = share_at(folder.journey.auto_close, replace(certificate, share_raised_at=at), at)
            why = f"the detector stands at {state.detector:.0f} of {LIMIT:.0f}"
            raised = e.AuditShareRaised(certificate.journey, certificate.topic, certificate.id, share, why)
            return "share_raised", [raised]
        case _:
            return "nothing", []
    store.certificates.shut(certificate.journey, certificate.topic, at=at, because=why)
    return "shut", [e.TopicShut(certificate.journey, certificate.topic, SYSTEM.type, why)]
