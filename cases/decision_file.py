"""What the expert gets to see: every statement with its evidence. Built from facts and events only; pure.

`build` gives the same bytes for the same events, journey snapshot and language; `casewright verify` relies on it.
The published shape is cases/decision_file.schema.json.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from cases import events as e
from cases import facts as f
from cases.case import Case, Entry, fold
from cases.consequences import Occasion, letter_writer
from cases.inputs import inputs_again
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Option
from cases.rules import MISSING, NearMiss, evaluate, nearest_misses
from cases.vocabulary import Effect, FileKind, FileStatus, Step, Why
from cases.wording import shown_value

BUILDER = "1"  # raise it whenever the same events would give other bytes, and keep the old builder for verify
Json = dict[str, Any]
_ADVICE_SEEN = frozenset({Why.ROW, Why.ELSE_ROW})


class Unsourced(ValueError):  # noqa: N818
    """A statement without evidence: the file is not built."""

    def __init__(self, text: str) -> None:
        super().__init__(f"the statement {text!r} names no source; give it one or leave it out")


def build(folder: JourneyFolder, case_id: str, entries: Sequence[Entry], *, language: str) -> bytes:
    """The decision file after these events, as canonical JSON bytes."""
    document = _Builder(folder, fold(case_id, entries), entries, language).document()
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def statement(text: str, *sources: f.Source, **more: Any) -> Json:
    """A sentence and its evidence; raises Unsourced when there is none."""
    if not sources:
        raise Unsourced(text)
    return {"text": text, "sources": [_plain(source) for source in sources], **more}


def _plain(source: f.Source) -> Json:
    """As dataclasses.asdict, which copies deeply and costs more than the rest of a file together."""
    return {name: getattr(source, name) for name in source.__slots__}


def _cited(sources: Iterable[f.Source], what: str) -> list[Json]:
    cited = [_plain(source) for source in sources]
    if not cited:
        raise Unsourced(what)
    return cited


class _Builder:
    """Holds what every part of the file reads, so that each part is one short method."""

    def __init__(self, folder: JourneyFolder, case: Case, entries: Sequence[Entry], language: str) -> None:
        self.folder, self.journey, self.case, self.entries, self.language = (
            folder, folder.journey, case, entries, language,
        )  # fmt: skip
        self.at = entries[-1].at
        self.step = case.step
        self.blind = self.step is not None and self.step.shadow and not case.human_ever
        words = f"[{self.say('file.your_words')}]"
        self.write = letter_writer(case, folder, Occasion(self.at, by=case.update_by, message=words, handler="…"))

    def say(self, key: str, /, **parts: object) -> str:
        return self.folder.say(self.language, key, **parts)

    def word(self, wording: Mapping[str, str]) -> str:
        return self.folder.worded(wording, self.language)

    def told(self, path: str) -> f.JourneyText:
        return f.JourneyText(self.folder.digest, path)

    def happened(self, *kinds: type[Any]) -> tuple[f.EventAt, ...]:
        """The newest event of these kinds, else the newest event of all."""
        seqs = [entry.seq for entry in self.entries if isinstance(entry.event, kinds)]
        return (f.EventAt(seqs[-1] if seqs else self.entries[-1].seq),)

    def document(self) -> Json:
        case = self.case
        return {
            "builder": BUILDER,
            "reference": case.reference,
            "case_id": case.id,
            "journey": self.journey.name,
            "journey_digest": self.folder.digest,
            "journey_title": self.word(self.journey.title),
            "language": self.language,
            "built_on": case.version,
            "channel": case.channel,
            "status": case.status,
            "customer": {"name": case.sender_name, "sender": case.sender, "language": case.language or ""},
            "topic": self.topic(),
            "headline": self.headline(),
            "recommendation": self.recommendation(),
            "facts": self.facts(),
            "missing": self.missing(),
            "registers": self.registers(),
            "files": self.files(),
            "similar": self.similar(),
            "options": self.options(),
            "requests": self.requests(),
            "messages": self.messages(),
            "history": self.history(),
        }

    # --- what it is about ---------------------------------------------------------------------------------------

    def topic_title(self, key: str | None) -> str:
        topic = self.journey.topics.get(key or "")
        return self.word(topic.title) if topic else self.say("file.no_topic")

    def topic(self) -> Json:
        read = self.case.understood
        if read is None:
            return {"key": "", "title": self.topic_title(None), "confidence": 0.0, "sources": _cited(self.happened(), "topic"),
                    "weights": [], "top": [], "scope": ""}  # fmt: skip
        score = f.ModelScore(read.model, read.model_version, read.confidence)
        return {
            "key": self.case.topic,
            "title": self.topic_title(self.case.topic),
            "confidence": round(read.confidence, 4),
            "scope": read.scope,
            "sources": _cited((score, *self.happened(e.Understood)), "topic"),
            "weights": [_plain(weight.source) for weight in read.weights],
            "top": [
                {"topic": one.topic, "title": self.topic_title(one.topic), "probability": round(one.probability, 4)}
                for one in read.top
            ],
        }

    def headline(self) -> Json:
        amount = f.best(self.case.facts, self.journey.amount_fact) if self.journey.amount_fact else None
        option = self.option_of_step()
        asked = (
            self.say("file.question.option", option=self.word(option.title))
            if option is not None and not self.blind
            else self.say("file.question.open", topic=self.topic_title(self.case.topic))
        )
        return {
            "question": statement(asked, *self.happened(e.StepDecided)),
            "story": self.story(),
            "deadline": self.case.update_by.isoformat() if self.case.update_by else None,
            "amount": amount.value if amount else None,
            "amount_shown": shown_value(amount.value, "money", self.language) if amount else "",
            "flags": self.flags(),
        }

    def story(self) -> Json:
        """The customer's first sentence that says something: their words, not ours."""
        if not self.case.messages:
            return statement(self.say("file.no_words"), *self.happened())
        message = self.case.messages[0]
        start, end = first_sentence(message.text)
        text = message.text[start:end] or message.subject or self.say("file.no_words")
        return statement(text, f.MessageSpan(message.message_id, start, end))

    def flags(self) -> list[Json]:
        case = self.case
        flags = [
            statement(self.say(f"danger.{sign.danger}", words=sign.text), sign.source, key=f"danger_{sign.danger}")
            for sign in case.dangers
        ]
        for name, said in f.contradictions(case.facts, self.journey.facts).items():
            values = " / ".join(self.shown_fact(fact) for fact in said)
            text = self.say("flag.contradiction", fact=self.word(self.journey.facts[name].label), values=values)
            flags.append(statement(text, *(s for fact in said for s in fact.sources), key="contradiction"))
        for file in case.files:
            if file.findings and file.findings.reused_from:
                text = self.say("flag.reused", file=file.name, cases=", ".join(file.findings.reused_from))
                flags.append(statement(text, f.PhotoRegion(file.id), key="reused_photo"))
        if case.may_belong_to:
            text = self.say("flag.belongs", reference=case.may_belong_to)
            flags.append(statement(text, *self.happened(e.CaseOpened), key="may_belong"))
        if case.reopened:
            flags.append(statement(self.say("flag.reopened"), *self.happened(e.CaseReopened), key="reopened"))
        for parked in case.parked:
            text = self.say("flag.parked", stage=self.say(f"stage.{parked.stage}"))
            flags.append(statement(text, *self.happened(e.WorkParked), key="parked"))
        return flags

    # --- what we advise, and why ----------------------------------------------------------------------------------

    def option_of_step(self) -> Option | None:
        return self.journey.options.get(self.step.option) if self.step else None

    def recommendation(self) -> Json:
        step = self.step
        if step is None:
            text = statement(self.say("why.no_step"), *self.happened())
            return {"step": Step.EXPERT, "title": self.say("step.expert"), "option": "", "department": "", "blind": False,
                    "because": [text], "fired": [], "others": [], "would_change": [], "score": None,
                    "threshold": None}  # fmt: skip
        option = self.option_of_step()
        department = self.journey.departments.get(step.department)
        return {
            "step": step.step,
            "title": self.word(option.title) if option else self.say(f"step.{step.step}"),
            "option": step.option,
            "department": self.word(department) if department else "",
            "blind": self.blind,
            "because": [statement(self.say(f"why.{why}"), *self.reasons(why)) for why in step.because],
            "fired": self.fired(),
            "others": self.other_rows(),
            "would_change": self.would_change(),
            "score": None if step.score is None else round(step.score, 4),
            "threshold": None if step.threshold is None else round(step.threshold, 4),
        }

    def reasons(self, why: Why) -> tuple[f.Source, ...]:
        step = self.step
        decided = self.happened(e.StepDecided)
        if why in _ADVICE_SEEN and step is not None and step.read is not None:
            return (*(f.RuleRow(step.read.table, step.read.digest, row) for row in step.read.fired), *decided)
        if why is Why.DANGER:
            return (*(sign.source for sign in self.case.dangers), *decided)
        if why in (Why.UNCERTAIN_TOPIC, Why.OUT_OF_SCOPE, Why.BELOW_THRESHOLD) and self.case.understood is not None:
            read = self.case.understood
            return (f.ModelScore(read.model, read.model_version, read.confidence), *decided)
        return decided

    def row_words(self, row: str) -> str:
        table = self.folder.root
        return next((r.description for r in (*table.rows, table.otherwise) if r.id == row), "")

    def fired(self) -> list[Json]:
        read = self.step.read if self.step else None
        if read is None:
            return []
        return [
            {"row": row, "description": self.row_words(row),
             "sources": _cited((f.RuleRow(read.table, read.digest, row),), row)}
            for row in read.fired
        ]  # fmt: skip

    def other_rows(self) -> list[Json]:
        read = self.step.read if self.step else None
        if read is None:
            return []
        return [
            {
                "row": row.row,
                "description": self.row_words(row.row),
                "input": self.input_words(row.input),
                "cell": row.cell,
                "value": row.value,
                "undecided": row.matched is None,
                "sources": _cited((f.RuleRow(read.table, read.digest, row.row),), row.row),
            }
            for row in read.rows
        ]

    def input_words(self, name: str | None) -> str:
        """The label of the fact or register field behind an input of the table; its name when there is none."""
        column = next((column for column in self.folder.root.inputs if column.name == name), None)
        if column is None:
            return name or ""
        root, _, rest = column.source.partition(".")
        if root == "fact" and rest in self.journey.facts:
            return self.word(self.journey.facts[rest].label)
        if root == "register":
            register, _, field = rest.partition(".")
            spec = self.journey.registers.get(register)
            if spec is not None:
                return self.word(spec.labels.get(field) or spec.label)
        return self.say(f"input.{column.source}") if f"input.{column.source}" in self.known_words() else column.name

    def known_words(self) -> Mapping[str, str]:
        return self.folder.words.get(self.language) or self.folder.words.get("en", {})

    def would_change(self) -> list[Json]:
        """Rows that would have closed the case by itself but for one cell; each was tried out."""
        read = self.step.read if self.step else None
        if read is None:
            return []
        table = self.folder.root
        values = inputs_again(read.inputs, table)
        misses = nearest_misses(table, evaluate(table, values), values, output="step", value=Step.AUTO_CLOSE)
        return [statement(self.miss(near), f.RuleRow(read.table, read.digest, near.row)) for near in misses]

    def miss(self, near: NearMiss) -> str:
        was = self.say("file.unknown") if near.value is MISSING else str(near.value)
        return self.say(
            "file.would_change", row=near.row, input=self.input_words(near.input), cell=near.cell, value=was
        )

    # --- what we know ---------------------------------------------------------------------------------------------

    def shown_fact(self, fact: f.Fact) -> str:
        spec = self.journey.facts.get(fact.name)
        return shown_value(fact.value, spec.type if spec else "text", self.language)

    def facts(self) -> list[Json]:
        against = f.contradictions(self.case.facts, self.journey.facts)
        rows = []
        for name, spec in self.journey.facts.items():
            fact = f.best(self.case.facts, name)
            if fact is None:
                continue
            rows.append(
                {
                    "name": name,
                    "label": self.word(spec.label),
                    "value": fact.value,
                    "shown": self.shown_fact(fact),
                    "certainty": round(fact.certainty, 4),
                    "sources": _cited(fact.sources, name),
                    "contradicts": [self.shown_fact(o) for o in against.get(name, ()) if o.value != fact.value],
                }
            )
        return rows

    def missing(self) -> list[Json]:
        """Facts that the table asked for and nobody has given yet."""
        read = self.step.read if self.step else None
        if read is None:
            return []
        decided = self.happened(e.StepDecided)
        unknown = [one.name for one in read.inputs if not one.present]
        return [statement(self.say("file.missing", what=self.input_words(name)), *decided, key=name) for name in unknown]

    def registers(self) -> list[Json]:
        rows = []
        for answer in self.case.enriched.answers if self.case.enriched else ():
            spec = self.journey.registers.get(answer.register)
            rows.append(
                {
                    "register": answer.register,
                    "label": self.word(spec.label) if spec else answer.register,
                    "found": answer.found,
                    "key": answer.key,
                    "fields": [
                        {
                            "name": name,
                            "label": self.word(spec.labels[name]) if spec and name in spec.labels else name,
                            "value": value or "",
                            "shown": self.shown_field(spec.fields.get(name, "text") if spec else "text", value),
                            "sources": _cited((f.RegisterEntry(answer.register, answer.key, name),), name),
                        }
                        for name, value in answer.fields
                    ],
                    "sources": _cited((f.RegisterEntry(answer.register, answer.key, ""),), answer.register),
                }
            )
        return rows

    def shown_field(self, kind: str, value: str | None) -> str:
        if value is None or value == "":
            return self.say("file.unknown")
        if kind == "boolean":
            return self.say("file.yes" if value.casefold() == "true" else "file.no")
        return shown_value(value, kind, self.language)

    def files(self) -> list[Json]:
        return [
            {
                "id": file.id,
                "name": file.name,
                "kind": file.kind,
                "status": file.status,
                "media_type": file.media_type,
                "findings": self.findings(file),
                "cannot_show": self.cannot_show(file),
                "text": file.text[:4000],
                "sources": _cited((f.PhotoRegion(file.id),), file.name),
            }
            for file in self.case.files
        ]

    def findings(self, file: e.FileSeen) -> list[Json]:
        seen = f.PhotoRegion(file.id)
        if file.status is FileStatus.UNUSABLE:
            return [statement(self.say(f"reason.{file.reason}"), seen)]
        found = file.findings
        if found is None:
            return [statement(self.say("finding.pages", pages=file.pages), seen)] if file.pages else []
        said = [self.say("finding.size", width=found.width, height=found.height)]
        said.append(self.say("finding.sharp", sharpness=round(found.sharpness)))
        if found.taken_at:
            said.append(self.say("finding.taken", at=found.taken_at.replace("T", " ")))
        if found.latitude is not None and found.longitude is not None:
            said.append(self.say("finding.place", place=f"{found.latitude:.4f}, {found.longitude:.4f}"))
        if found.reused_from:
            said.append(self.say("flag.reused", file=file.name, cases=", ".join(found.reused_from)))
        return [statement(text, seen) for text in said]

    def cannot_show(self, file: e.FileSeen) -> list[Json]:
        if file.kind is not FileKind.PHOTO or file.status is not FileStatus.RECEIVED:
            return []
        limits = self.journey.photo_limits
        keys = [key for key in limits if key == self.case.topic or key not in self.journey.topics]
        return [statement(self.word(limits[key]), self.told(f"photo_limits.{key}")) for key in keys]

    def similar(self) -> list[Json]:
        enriched = self.case.enriched
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
                "topic": self.topic_title(near.topic),
                "outcome": near.outcome,
                "outcome_title": self.outcome_title(near.outcome),
                "amount": near.amount,
                "amount_shown": shown_value(near.amount, "money", self.language) if near.amount else "",
                "closed_at": near.closed_at.isoformat(),
                "summary": near.summary,
                "why": [self.alike(why) for why in near.alike],
                "opposite": opposite,
                "sources": _cited((f.PastCase(near.case_id, near.reference),), near.reference),
            }
            for near, opposite in shown
        ]

    def outcome_title(self, outcome: str) -> str:
        option = self.journey.options.get(outcome)
        return self.word(option.title) if option else outcome

    def alike(self, why: str) -> str:
        spec = self.journey.facts.get(why)
        return self.say("alike.fact", fact=self.word(spec.label)) if spec else self.say(f"alike.{why}")

    # --- what can be done -----------------------------------------------------------------------------------------

    def options(self) -> list[Json]:
        advised = self.step.option if self.step else ""
        rows = []
        for key, option in self.journey.options.items():
            if option.topics and self.case.topic not in option.topics:
                continue
            letter = self.journey.letters[option.letter]
            rows.append(
                {
                    "key": key,
                    "title": self.word(option.title),
                    "consequence": self.word(option.consequence),
                    "effect": letter.effect,
                    "free_text": letter.free_text or letter.effect is Effect.ADVERSE,
                    "closes": option.closes,
                    "recommended": key == advised,
                    "letter": self.letter(option.letter),
                    "sources": _cited((self.told(f"options.{key}"),), key),
                }
            )
        return rows

    def letter(self, key: str) -> Json:
        """The letter as this option would send it today; a person's own words stand in brackets until typed."""
        written = self.write(key)
        return {
            "letter": key,
            "effect": written.effect,
            "language": written.language,
            "to": written.to,
            "subject": written.subject,
            "body": written.body,
        }

    def requests(self) -> list[Json]:
        specs = self.journey.requests
        return [
            {
                "key": request.item.key,
                "title": self.word(specs[request.item.key].title) if request.item.key in specs else request.item.text,
                "asked_at": request.asked_at.isoformat(),
                "due": request.due,
                "answered": request.answered,
                "sources": _cited(self.happened(e.RequestMade), request.item.key),
            }
            for request in self.case.requests
        ]

    # --- what was said and done -----------------------------------------------------------------------------------

    def messages(self) -> list[Json]:
        said = []
        for entry in self.entries:
            match entry.event:
                case e.MessageAdded() as message:
                    said.append(
                        {"message_id": message.message_id, "at": message.received_at.isoformat(), "who": "customer",
                         "name": message.sender_name or message.sender, "subject": message.subject,
                         "text": message.text, "quoted": message.quoted, "files": [file.id for file in message.files]}
                    )  # fmt: skip
                case e.LetterWritten() as letter:
                    said.append(
                        {"message_id": letter.letter_id, "at": entry.at.isoformat(), "who": "us",
                         "name": letter.approved_by or self.journey.organisation.name, "subject": letter.subject,
                         "text": letter.body, "quoted": "", "files": []}
                    )  # fmt: skip
                case _:
                    continue
        return said

    def history(self) -> list[Json]:
        return [
            {"seq": entry.seq, "at": entry.at.isoformat(), "actor": str(entry.actor),
             "text": self.say(f"event.{entry.event.kind}")}
            for entry in self.entries
        ]  # fmt: skip


def first_sentence(text: str, *, longest: int = 160) -> tuple[int, int]:
    """Start and end of the first sentence of at least four words that is no greeting; the whole text when none is."""
    start = 0
    for end in [i + 1 for i, letter in enumerate(text) if letter in ".!?\n"] + [len(text)]:
        part = text[start:end]
        if len(part.split()) >= 4:  # noqa: PLR2004  # "Dear Sir or Madam" has four, with its comma it is skipped below
            lead = len(part) - len(part.lstrip())
            tail = len(part.rstrip())
            if not part.strip().endswith(","):
                return start + lead, start + min(tail, lead + longest)
        start = end
    return 0, min(len(text), longest)
