"""The parts of a decision file that lay out evidence: what is known, what is alike, what can be done, what was said."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache

from cases import events as e
from cases import facts as f
from cases.case import Request
from cases.consequences import Occasion, letter_writer
from cases.explaining import of_person
from cases.promises import after_choice
from cases.statements import Basis, Json, cited, statement
from cases.vocabulary import Effect, FileKind, FileStatus
from cases.wording import shown_value


def facts(of: Basis) -> list[Json]:
    against = f.contradictions(of.case.facts, of.journey.facts)
    rows = []
    for name, spec in of.journey.facts.items():
        fact = f.best(of.case.facts, name)
        if fact is None:
            continue
        rows.append(
            {
                "name": name,
                "label": of.word(spec.label),
                "value": fact.value,
                "shown": of.shown_fact(fact),
                "certainty": round(fact.certainty, 4),
                "sources": cited(fact.sources, name),
                "contradicts": [of.shown_fact(o) for o in against.get(name, ()) if o.value != fact.value],
            }
        )
    return rows


def registers(of: Basis) -> list[Json]:
    rows = []
    for answer in of.case.enriched.answers if of.case.enriched else ():
        spec = of.journey.registers.get(answer.register)
        rows.append(
            {
                "register": answer.register,
                "label": of.word(spec.label) if spec else answer.register,
                "found": answer.found,
                "key": answer.key,
                "fields": [
                    {
                        "name": name,
                        "label": of.word(spec.labels[name]) if spec and name in spec.labels else name,
                        "value": value or "",
                        "shown": shown_field(of, spec.fields.get(name, "text") if spec else "text", value),
                        "sources": cited((f.RegisterEntry(answer.register, answer.key, name),), name),
                    }
                    for name, value in answer.fields
                ],
                "sources": cited((f.RegisterEntry(answer.register, answer.key, ""),), answer.register),
            }
        )
    return rows


def shown_field(of: Basis, kind: str, value: str | None) -> str:
    if value is None or value == "":
        return of.say("file.unknown")
    if kind == "boolean":
        return of.say("file.yes" if value.casefold() == "true" else "file.no")
    return shown_value(value, kind, of.language)


def files(of: Basis) -> list[Json]:
    return [
        {
            "id": file.id,
            "name": file.name,
            "kind": file.kind,
            "status": file.status,
            "media_type": file.media_type,
            "findings": findings(of, file),
            "cannot_show": cannot_show(of, file),
            "text": file.text[:4000],
            "sources": cited((f.PhotoRegion(file.id),), file.name),
        }
        for file in of.case.files
    ]


def findings(of: Basis, file: e.FileSeen) -> list[Json]:
    seen = f.PhotoRegion(file.id)
    if file.status is FileStatus.UNUSABLE:
        return [statement(of.say(f"reason.{file.reason}"), seen)]
    found = file.findings
    if found is None:
        return [statement(of.say("finding.pages", pages=file.pages), seen)] if file.pages else []
    said = [of.say("finding.size", width=found.width, height=found.height)]
    said.append(of.say("finding.sharp", sharpness=round(found.sharpness)))
    if found.taken_at:
        said.append(of.say("finding.taken", at=found.taken_at.replace("T", " ")))
    if found.latitude is not None and found.longitude is not None:
        said.append(of.say("finding.place", place=f"{found.latitude:.4f}, {found.longitude:.4f}"))
    if found.reused_from:
        said.append(of.say("flag.reused", file=file.name, cases=", ".join(found.reused_from)))
    return [*(statement(text, seen) for text in said), *shows(of, file)]


def shows(of: Basis, file: e.FileSeen) -> list[Json]:
    """What the photo model makes of it, or that it had better not say."""
    read = of.case.understood
    return [
        statement(
            of.say(
                "finding.unsure" if seen.abstains else "finding.shows",
                shows=of.label_title(seen.label),
                percent=round(100 * seen.confidence),
            ),
            f.PhotoRegion(file.id, seen.box),
            f.ModelScore(seen.model, seen.model_version, seen.confidence),
        )
        for seen in (read.photos if read else ())
        if seen.file_id == file.id
    ]


def cannot_show(of: Basis, file: e.FileSeen) -> list[Json]:
    if file.kind is not FileKind.PHOTO or file.status is not FileStatus.RECEIVED:
        return []
    limits = of.journey.photo_limits
    keys = [key for key in limits if key == of.case.topic or key not in of.journey.topics]
    return [statement(of.word(limits[key]), of.told(f"photo_limits.{key}")) for key in keys]


def similar(of: Basis) -> list[Json]:
    enriched = of.case.enriched
    if enriched is None:
        return []
    shown = [(near, False) for near in enriched.similar]
    if enriched.opposite is not None:
        shown.append((enriched.opposite, True))
    return [
        {
            "case_id": near.case_id,
            "reference": near.reference,
            "similarity": round(near.similarity, 4),
            "topic": of.topic_title(near.topic),
            "outcome": near.outcome,
            "outcome_title": outcome_title(of, near.outcome),
            "amount": near.amount,
            "amount_shown": shown_value(near.amount, "money", of.language) if near.amount else "",
            "closed_at": near.closed_at.isoformat(),
            "summary": near.summary,
            "why": [alike(of, why) for why in near.alike],
            "opposite": opposite,
            "sources": cited((f.PastCase(near.case_id, near.reference),), near.reference),
        }
        for near, opposite in shown
    ]


def similar_amounts(of: Basis) -> Json | None:
    """From the lowest to the highest amount of the similar cases shown; the opposite one is not among them."""
    amounts = [(near, amount) for near in _similar(of) if (amount := _amount(near)) is not None]
    if not amounts:
        return None
    low, high = (str(one(amount for _, amount in amounts)) for one in (min, max))
    text = of.say(
        "file.similar_amounts",
        low=shown_value(low, "money", of.language),
        high=shown_value(high, "money", of.language),
        n=len(amounts),
    )
    sources = (f.PastCase(near.case_id, near.reference) for near, _ in amounts)
    return statement(text, *sources, low=low, high=high, n=len(amounts))


def _similar(of: Basis) -> tuple[e.Neighbour, ...]:
    return of.case.enriched.similar if of.case.enriched else ()


def _amount(near: e.Neighbour) -> Decimal | None:
    try:
        amount = Decimal(near.amount or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def outcome_title(of: Basis, outcome: str) -> str:
    option = of.journey.options.get(outcome)
    return of.word(option.title) if option else outcome


def alike(of: Basis, why: str) -> str:
    spec = of.journey.facts.get(why)
    return of.say("alike.fact", fact=of.word(spec.label)) if spec else of.say(f"alike.{why}")


def options(of: Basis) -> list[Json]:
    """What a person can do, and the letter each would send today; their own words stand in brackets until typed."""
    advised, write = of.step.option if of.step else "", _letters(of)
    rows = []
    for key, option in of.journey.options.items():
        if option.topics and of.case.topic not in option.topics:
            continue
        letter = of.journey.letters[option.letter]
        rows.append(
            {
                "key": key,
                "title": of.word(option.title),
                "consequence": of.word(option.consequence),
                "effect": letter.effect,
                "free_text": letter.free_text or letter.effect is Effect.ADVERSE,
                "closes": option.closes,
                "recommended": key == advised,
                "letter": write(key, option.letter),
                "sources": cited((of.told(f"options.{key}"),), key),
            }
        )
    return rows


def requests(of: Basis) -> list[Json]:
    specs = of.journey.requests
    return [
        {
            "key": request.item.key,
            "title": of.word(specs[request.item.key].title) if request.item.key in specs else request.item.text,
            "asked_at": request.asked_at.isoformat(),
            "due": request.due,
            "answered": request.answered,
            "sources": cited((_asked_at(of, request),), request.item.key),
        }
        for request in of.case.requests
    ]


def messages(of: Basis) -> list[Json]:
    said, own = [], {message.message_id: message for message in of.case.messages}
    for entry in of.entries:
        match entry.event:
            case e.MessageAdded(message_id=id_) if of.case.heard and id_ not in own:
                continue  # it was split off
            case e.MessageAdded() as message:
                message = own[message.message_id] if of.case.heard else message
                said.append(
                    {"message_id": message.message_id, "at": message.received_at.isoformat(), "who": "customer",
                     "name": message.sender_name or message.sender, "subject": message.subject,
                     "text": message.text, "quoted": message.quoted, "files": [file.id for file in message.files]}
                )  # fmt: skip
            case e.LetterWritten() as letter:
                said.append(
                    {"message_id": letter.letter_id, "at": entry.at.isoformat(), "who": "us",
                     "name": letter.approved_by or of.journey.organisation.name, "subject": letter.subject,
                     "text": letter.body, "quoted": "", "files": []}
                )  # fmt: skip
            case _:
                continue
    return said


def history(of: Basis) -> list[Json]:
    return [
        {"seq": entry.seq, "at": entry.at.isoformat(), "actor": str(entry.actor),
         "text": of.say(f"event.{entry.event.kind}")}
        for entry in of.entries
    ]  # fmt: skip


def _asked_at(of: Basis, request: Request) -> f.EventAt:
    """The event that made a request."""
    return next(
        f.EventAt(entry.seq)
        for entry in of.entries
        if isinstance(entry.event, e.RequestMade) and entry.at == request.asked_at and request.item in entry.event.items
    )


def _letters(of: Basis) -> Callable[[str, str], Json]:
    """Writes the letter of an option; what all letters with one promised date may name is gathered once."""
    words = f"[{of.say('file.your_words')}]"

    @cache
    def writer(by: datetime) -> Callable[[str], e.LetterWritten]:
        # As it reads when a person decides: each option's letter names the option itself.
        explained = of_person(of.case, e.HumanDecided("", "…", ""), of.folder)
        occasion = Occasion(of.at, by=by, message=words, handler="…", explained=explained)
        return letter_writer(of.case, of.folder, occasion)

    def write(option: str, letter: str) -> Json:
        written = writer(after_choice(option, of.journey, at=of.at))(letter)
        return {
            "letter": letter,
            "effect": written.effect,
            "language": written.language,
            "to": written.to,
            "subject": written.subject,
            "body": written.body,
        }

    return write
