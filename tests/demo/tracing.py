"""A demo mail through reading, registers and rules with its topic read right: what the rules alone make of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from cases import answering, consequences
from cases import events as e
from cases.case import Case, Entry, apply
from cases.journey_folder import JourneyFolder
from cases.steps import Certificate, next_step
from cases.vocabulary import CUSTOMER, MACHINE, FileKind, FileStatus, Status
from models.photo import BLURRED_BELOW, DARK_BELOW
from models.reuse import ReuseLedger
from models.text import Prediction
from pipelines import photo_reading
from pipelines.attachments import FileUnusable, sniff
from pipelines.channels.email.reading import read_email
from pipelines.channels.parsed import Attachment
from pipelines.demo.mails import DemoMail, build, message_id
from pipelines.registers import CsvRegisters
from pipelines.stages.enrich import answers_of
from pipelines.stages.understand import text_of, understood

if TYPE_CHECKING:
    from pipelines.house import House

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CERTIFIED = {("motor_claim", "windscreen"), ("home_repair", "drain_blocked"), ("complaint", "praise")}


@dataclass
class Tracer:
    """Keeps the cases and the photos seen, as the product does between mails."""

    folders: dict[str, JourneyFolder]
    registers: CsvRegisters
    ledger: ReuseLedger
    cases: dict[str, Case]

    def trace(self, mail: DemoMail) -> Case:
        """The case after this mail, decided."""
        replies_to = mail.spec.in_reply_to.mail if mail.spec.in_reply_to else None
        case = self.cases[replies_to] if replies_to else _opened(mail)
        case = self._with_mail(case, mail)
        folder = self.folders[mail.expected.journey]
        read = understood(
            case, folder, text_of(case), _read_right(mail.expected.topic), version="by-hand", routed=None, heard=None
        )
        case = apply(case, Entry(case.version + 1, NOW, MACHINE, read))
        house = cast("House", SimpleNamespace(registers=self.registers))
        enriched = e.Enriched(answers_of(case, folder, house))
        case = apply(case, Entry(case.version + 1, NOW, MACHINE, enriched))
        certificate = Certificate("certificate", 0.0) if (folder.name, mail.expected.topic) in CERTIFIED else None
        step = next_step(case, folder, certificate=certificate, at=NOW)
        case = apply(case, Entry(case.version + 1, NOW, MACHINE, step))
        for event in consequences.of_step(case, step, folder, at=NOW):
            case = apply(case, Entry(case.version + 1, NOW, MACHINE, event))
        if case.handover is not None:
            case = replace(case, status=Status.CLOSED, outcome=case.handover.option, handover=None)
        self.cases[mail.id] = case
        return case

    def _with_mail(self, case: Case, mail: DemoMail) -> Case:
        after = mail.after
        parsed = read_email(build(mail, {after: message_id(f"letter-{after}")} if after else {}))
        files = tuple(self._file(f"{mail.id}.f{i}", one) for i, one in enumerate(parsed.attachments, start=1))
        added = e.MessageAdded(
            mail.id, "email", parsed.sender, parsed.subject, parsed.text, NOW, parsed.sender_name, files=files
        )
        events: list[e.Event] = [added, *answering.answers(case, added)]
        if case.status is Status.CLOSED:
            events.append(e.CaseReopened(mail.id))
        for event in events:
            case = apply(case, Entry(case.version + 1, NOW, CUSTOMER, event))
        return case

    def _file(self, file_id: str, one: Attachment) -> e.FileSeen:
        kind, media = sniff(one.data, one.name)
        seen = e.FileSeen(file_id, one.name, "", len(one.data), media, kind, FileStatus.RECEIVED)
        if kind is not FileKind.PHOTO:
            return seen
        try:
            found, _ = photo_reading.look(one.data, blurred_below=BLURRED_BELOW, dark_below=DARK_BELOW)
        except FileUnusable as unusable:
            return replace(seen, status=FileStatus.UNUSABLE, reason=unusable.reason)
        before = self.ledger.find(found.queries)
        reused = (before.file_id,) if before and before.verdict == "reused" else ()
        self.ledger.add(file_id, found.hashes)
        reason = "dark" if found.dark else "blurred" if found.blurred else None
        findings = e.PhotoFindings(
            found.width, found.height, found.sharpness, found.luminance, found.blurred, found.dark, reused_from=reused
        )
        status = FileStatus.UNUSABLE if reason else FileStatus.RECEIVED
        return replace(seen, status=status, reason=reason, findings=findings)


def _opened(mail: DemoMail) -> Case:
    belongs = "C-2026-000001" if mail.spec.names_reference_of else None
    opened = e.CaseOpened("C-2026-000002", mail.id, "email", mail.spec.sender, may_belong_to=belongs)
    return apply(Case(f"case-{mail.id}"), Entry(1, NOW, CUSTOMER, opened))


def _read_right(topic: str) -> Prediction:
    return Prediction(topic, 1.0, "in", 1.0, ((topic, 1.0),), ())
