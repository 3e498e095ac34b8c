"""Lives of cases, and their decision files built and held to the published schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
from builders import (
    CASE_ID,
    NOW,
    answer,
    chosen,
    enriched,
    entries,
    fact,
    opened,
    photo,
    said,
    shipped,
    sign,
    step,
    understood,
)  # fmt: skip

from cases import decision_file
from cases import events as e
from cases.case import Entry, fold
from cases.decision_file import build
from cases.facts import Fact, MessageSpan, Person
from cases.journey_folder import JourneyFolder
from cases.steps import Certificate, next_step
from cases.vocabulary import FileKind, FileStatus, RequestKind, Step

SCHEMA = json.loads(Path(decision_file.__file__).with_name("decision_file.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
NEAR = e.Neighbour("case-9", "C-2025-000009", 0.71, "windscreen", "repair_glass", "210.00", NOW, "Windscreen damage",
                   ("text", "topic", "amount"))  # fmt: skip
ITEM = e.RequestItem("damage_photos", RequestKind.PHOTO)
OWN = e.RequestItem("reply", RequestKind.FACT, text="Which garage?")


def decided(*events: e.Event, certificate: Certificate | None = None) -> list[Entry]:
    """The events, and the step that follows from them."""
    stream = entries(*events)
    folder = shipped()
    follows = next_step(fold(CASE_ID, stream), folder, certificate=certificate, at=NOW)
    return entries(*events, follows)


def read(topic: str = "windscreen", *, files: Any = (), answers: Any = (), **changed: Any) -> tuple[e.Event, ...]:
    return (opened(), said(files=files), understood(topic, **changed), enriched(*answers))


def file(stream: list[Entry], *, language: str = "en", folder: JourneyFolder | None = None) -> dict[str, Any]:
    """A built file that holds to its schema and is built to the same bytes again."""
    data = build(folder or shipped(), CASE_ID, stream, language=language)
    document: dict[str, Any] = json.loads(data)
    VALIDATOR.validate(document)
    assert build(folder or shipped(), CASE_ID, stream, language=language) == data
    return document


def texts(said: list[dict[str, Any]]) -> list[str]:
    return [one["text"] for one in said]


LIVES = {
    "just opened": entries(opened()),
    "a message without words": entries(opened(), said("")),
    "read, no step": entries(*read()),
    "no facts": decided(*read()),
    "facts, photo, neighbours": decided(
        opened(), said(files=[photo()]),
        understood(facts=(fact("amount", "210.00"), fact("iban", "NL91ABNA0417164300")),
                   weights=(e.Weight(MessageSpan("m-1", 40, 45), 0.4),), top=(e.Candidate("windscreen", 0.93),)),
        e.Enriched((answer(),), (NEAR,), NEAR),
    ),
    "unusable files": decided(*read(files=[photo(status=FileStatus.UNUSABLE, reason="blurred", findings=None)])),
    "documents": decided(*read(files=[
        photo(kind=FileKind.DOCUMENT, findings=None, pages=2, text="Invoice"),
        photo(kind=FileKind.OTHER, findings=None),
    ])),
    "something missing": decided(*read("collision", files=[photo()], facts=(fact("loss_date", "2026-11-20"),))),
    "danger": decided(*read(dangers=(sign(),))),
    "contradiction": decided(*read(facts=(fact("amount", "1.00"), fact("amount", "2.00")), files=[photo()])),
    "blind": decided(*read(files=[photo()])),
    "below the threshold": decided(*read(files=[photo()]), certificate=Certificate("c", 0.99)),
    "nobody in the register": decided(*read(answers=[answer(found=False, fields=())])),
    "a register that the journey no longer names": decided(*read(answers=[answer(register="old")])),
    "asked and answered": entries(
        *read(), step(Step.REQUEST_INFO), e.RequestMade((ITEM, OWN), NOW.date()),
        e.RequestAnswered(("damage_photos",), "m-2"),
    ),
    "parked": entries(*read(), e.WorkParked("decide", "OSError")),
    "may belong elsewhere": decided(opened(may_belong_to="C-2026-000007"), said(), understood(), enriched()),
    "order refused": entries(
        *read(), step(), chosen("pay_claim"), e.HandoverAsked("o", "pay_claim", "payment"), e.HandoverRefused("o", "no")
    ),
    "closed": entries(*read(), step(Step.AUTO_CLOSE), e.CaseClosed("tell_status")),
    "reopened": entries(*read(), step(Step.AUTO_CLOSE), e.CaseClosed("tell_status"), e.CaseReopened("", "second_look")),
    "decided by hand": entries(
        *read(), step(department="claims"), chosen("refuse", corrected_topic="theft"),
        e.FactStated(Fact("amount", "9.00", 1.0, (Person("anna"),)), "anna"), e.NoteAdded("called", "anna"),
    ),
    "letter withheld": entries(
        *read(), e.LetterWritten("l", "received", e.Effect.INFORM, "en", "", "s", "b"),
        e.LetterWithheld("l", "no address"),
    ),
    "erased events": entries(opened(), e.Erased("message_added"), e.Unknown("teleported", "{}")),
}  # fmt: skip
