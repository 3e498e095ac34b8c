"""A decision file laid out for its document: sections of parts that the template draws. Data only, no typography.

Everything is in the order in which an expert reads the page: question, advice, evidence, options, what was said.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cases.letters import filled
from pipelines.paper.assistant import assistant_parts
from pipelines.paper.evidence import SHORT, Evidence
from pipelines.paper.parts import letter, listed, note, pairs, stated, table, text
from pipelines.paper.spoken import Spoken, whole_percent

Json = dict[str, Any]
LONGEST_TEXT = 6_000  # characters of one message or letter
LONGEST_IN_ALL = 300_000  # and of all of them: some hundred pages, set in seconds
MOST_ROWS = 400  # of facts, events and messages


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the file: who publishes it, from when it is, its digest, and what is said of its seal.

    pictures: file id -> the picture's name within the document. letters_in: language of the customer.
    """

    author: str
    at: datetime
    digest: str
    sealed: str
    pictures: Mapping[str, str] = field(default_factory=dict)
    letters_in: str = ""


def sheet(file: Json, frame: Frame, spoken: Spoken) -> Json:
    """What the template reads. The same file and frame give the same sheet."""
    return _Sheet(file, frame, spoken).whole()


class _Sheet:
    def __init__(self, file: Json, frame: Frame, spoken: Spoken) -> None:
        self.file, self.frame, self.spoken, self.say = file, frame, spoken, spoken.say
        self.evidence = Evidence(file, spoken)
        self.cite = self.evidence.cite
        self._left = LONGEST_IN_ALL

    def whole(self) -> Json:
        file, say = self.file, self.say
        head = self._head()
        sections = [section for section in self._sections() if section["parts"]]
        entries = {"shows": "evidence", "items": self.evidence.entries()}
        sections += [
            {"title": say("paper.evidence"), "parts": [text(say("paper.evidence_says"), style="soft"), entries]},
            {"title": say("paper.about"), "parts": self._about()},
        ]
        at = self.frame.at.astimezone(UTC)
        return {
            "title": say("paper.title", reference=file["reference"], topic=file["topic"]["title"]),
            "heading": file["topic"]["title"],
            "kicker": say("paper.kicker", reference=file["reference"], journey=file["journey_title"]),
            "footer": file["reference"],
            "author": self.frame.author,
            "language": self.spoken.language,
            "attached": say("paper.attached"),
            "date": {unit: getattr(at, unit) for unit in ("year", "month", "day", "hour", "minute", "second")},
            "head": head,
            "sections": sections,
        }

    def _head(self) -> list[Json]:
        file, say, top = self.file, self.say, self.file["headline"]
        rows = [
            (say("paper.reference"), file["reference"]),
            (say("paper.customer"), file["customer"]["name"] or file["customer"]["sender"] or say("case.unknown")),
            (say("paper.channel"), file["channel"]),
            (say("paper.status"), say(f"desk.status.{file['status']}")),
            (say("paper.amount"), top["amount_shown"] or top["amount"] or ""),
            (say("paper.deadline"), self.spoken.moment(top["deadline"]) if top["deadline"] else ""),
        ]
        return [pairs(rows)]

    def _sections(self) -> Iterable[Json]:
        say, file = self.say, self.file
        yield {"title": say("paper.question"), "parts": self._question()}
        yield {"title": say("paper.flags"), "parts": self._statements(file["headline"]["flags"])}
        yield {"title": say("case.recommended"), "parts": self._advice()}
        yield {"title": say("paper.missing"), "parts": self._statements(file["missing"])}
        yield {"title": say("case.facts"), "parts": self._facts()}
        for register in file["registers"]:
            yield {"title": register["label"], "parts": self._register(register)}
        yield {"title": say("case.photos"), "parts": self._files()}
        yield {"title": say("case.similar"), "parts": self._similar()}
        yield {"title": say("case.options"), "parts": self._options()}
        yield {"title": say("case.requests"), "parts": self._requests()}
        yield {"title": say("paper.assistant"), "parts": self._assistant()}
        yield {"title": say("case.conversation"), "parts": self._conversation()}
        yield {"title": say("case.history"), "parts": self._history()}
        yield {"title": say("paper.letters"), "parts": self._letters()}

    def _statements(self, statements: Sequence[Json]) -> list[Json]:
        return listed(stated(one["text"], self.cite(one["sources"])) for one in statements)

    def _question(self) -> list[Json]:
        question, story = self.file["headline"]["question"], self.file["headline"]["story"]
        return [
            text(question["text"], self.cite(question["sources"]), style="lead"),
            text(story["text"], self.cite(story["sources"])),
        ]

    def _advice(self) -> list[Json]:
        advice, say = self.file["recommendation"], self.say
        if advice is None:
            return [note(f"{say('case.blind')}. {say('case.blind_explain')}")]
        parts = [text(advice["title"], style="lead")]
        if advice["department"]:
            parts.append(text(say("case.department", name=advice["department"])))
        parts += self._statements(advice["because"])
        if advice["fired"]:
            rows = (
                stated(say("paper.row", row=row["row"], description=row["description"]), self.cite(row["sources"]))
                for row in advice["fired"]
            )
            parts += [{"shows": "heading", "text": say("case.rules")}, *listed(rows)]
        if advice["would_change"]:
            parts += [{"shows": "heading", "text": say("case.would_change")}]
            parts += self._statements(advice["would_change"])
        return [*parts, *self._topic()]

    def _topic(self) -> list[Json]:
        """What was read, and what else it could have been."""
        read = self.file["topic"]
        if not read["top"]:
            return []
        others = ", ".join(f"{one['title']} {whole_percent(one['probability'])}%" for one in read["top"])
        told = self.say("case.topic_read", topic=read["title"], share=whole_percent(read["confidence"]))
        return [text(f"{told} {others}", self.cite(read["sources"]), style="soft")]

    def _facts(self) -> list[Json]:
        say = self.say
        if not self.file["facts"]:
            return [text(say("case.no_facts"))]
        rows = [
            [
                stated(fact["label"], strong=True),
                stated(self._told(fact), self.cite(fact["sources"])),
                stated(f"{whole_percent(fact['certainty'])}%"),
            ]
            for fact in self.file["facts"][:MOST_ROWS]
        ]
        heads = [say(f"case.{name}") for name in ("fact", "value", "certainty")]
        return [table(heads, rows, widths=[4, 6, 2]), *self._left_out(len(self.file["facts"]))]

    def _told(self, fact: Json) -> str:
        against = fact["contradicts"]
        also = f"\n{self.say('case.contradicts', values=', '.join(against))}" if against else ""
        return f"{fact['shown']}{also}"

    def _register(self, register: Json) -> list[Json]:
        found = self.say("case.found" if register["found"] else "case.not_found")
        rows = [(field["label"], field["shown"] or self.say("case.unknown")) for field in register["fields"]]
        return [text(found, self.cite(register["sources"])), *([pairs(rows)] if rows else [])]

    def _files(self) -> list[Json]:
        parts: list[Json] = []
        for found in self.file["files"][:MOST_ROWS]:
            label = f"{self.evidence.labels[found['id']]} · {found['name']}"
            said = "; ".join(one["text"] for one in found["findings"])
            picture = self.frame.pictures.get(found["id"])
            if picture:
                alt = self.say("case.photo_alt", label=self.evidence.labels[found["id"]], finding=said or found["name"])
                parts.append({"shows": "photo", "file": picture, "alt": alt, **stated(label)})
            else:
                parts.append(text(label))
                if found["kind"] == "photo":
                    parts.append(text(self.say("paper.not_shown"), style="soft"))
            parts += self._statements([*found["findings"], *found["cannot_show"]])
        return parts

    def _similar(self) -> list[Json]:
        say, similar = self.say, self.file["similar"]
        if not similar:
            return []
        rows = [
            [
                stated(past["reference"], self.cite(past["sources"]), strong=True),
                stated("\n".join(filter(None, (past["summary"], ", ".join(past["why"]))))),
                stated(past["outcome_title"] + (f"\n{say('case.opposite')}" if past["opposite"] else "")),
                stated(past["amount_shown"] or past["amount"] or "-"),
                stated(f"{whole_percent(past['similarity'])}%"),
            ]
            for past in similar
        ]
        heads = [say(f"case.{name}") for name in ("case", "what_happened", "outcome", "amount", "alike")]
        amounts = self.file.get("similar_amounts")
        told = [text(amounts["text"], self.cite(amounts["sources"]))] if amounts else []
        return [table(heads, rows, widths=[4, 6, 5, 3, 2]), *told]

    def _options(self) -> list[Json]:
        say, options = self.say, self.file["options"]
        rows = [
            [
                stated(
                    option["title"] + (f"\n{say('case.best')}" if option["recommended"] else ""),
                    self.cite(option["sources"]),
                    strong=True,
                ),
                stated(option["consequence"]),
                stated(say(f"case.effect.{option['effect']}")),
            ]
            for option in options
        ]
        heads = [say("case.option"), say("paper.consequence"), say("case.effect")]
        return [table(heads, rows, widths=[4, 7, 3])] if rows else []

    def _letters(self) -> list[Json]:
        """The letter of each option, as it would go out today."""
        parts: list[Json] = []
        for option in self.file["options"]:
            if mail := option["letter"]:
                parts += [{"shows": "heading", "text": option["title"]}]
                tell = self.say("paper.to", to=mail["to"])
                parts += [self._letter(mail, tell, ours=True, language=mail["language"])]
        return parts

    def _requests(self) -> list[Json]:
        say = self.say
        return listed(
            stated(
                "\n".join(
                    (
                        request["title"],
                        say("case.request_answered")
                        if request["answered"]
                        else say(
                            "case.request_open", at=self.spoken.moment(request["asked_at"]), due=request["due"][:10]
                        ),
                    )
                ),
                self.cite(request["sources"]),
            )
            for request in self.file["requests"]
        )

    def _assistant(self) -> list[Json]:
        return assistant_parts(self.file.get("assistant"), self.evidence.labels, self.cite, self.spoken)

    def _conversation(self) -> list[Json]:
        parts: list[Json] = []
        for number, said in enumerate(self.file["messages"][:MOST_ROWS], 1):
            name, at = said["name"] or self.say("case.us"), self.spoken.moment(said["at"])
            label = self.say("desk.cite.message", n=number)
            parts.append({"shows": "heading", "text": label})
            body = {"subject": said["subject"], "body": said["text"]}
            tell = self.say("paper.said", name=name, at=at)
            parts.append(self._letter(body, tell, ours=said["who"] == "us", language=self.frame.letters_in))
            labels = [self.evidence.labels[id_] for id_ in said["files"] if id_ in self.evidence.labels]
            if labels:
                parts.append(text(self.say("paper.files_of", files=", ".join(labels)), style="soft"))
        return [*parts, *self._left_out(len(self.file["messages"]))]

    def _letter(self, mail: Json, tell: str, *, ours: bool, language: str) -> Json:
        known = language if re.fullmatch("[a-z]{2,3}", language) else self.spoken.language
        return letter(tell, mail["subject"], self._shortened(mail["body"], ours=ours), ours=ours, language=known)

    def _shortened(self, body: str, *, ours: bool) -> str:
        """In our own letters the link and the standing are filled in at sending."""
        if ours:
            body = filled(body, link=self.say("case.tracking_link"), standing=self.say("case.standing_then"))
        most = min(LONGEST_TEXT, self._left)
        self._left -= min(len(body), most)
        return body if len(body) <= most else f"{body[:most]} {self.say('paper.shortened')}".strip()

    def _history(self) -> list[Json]:
        happened = self.file["history"]
        rows = (
            stated(f"{one['seq']}. {self.spoken.moment(one['at'])} · {one['text']} · {self._actor(one['actor'])}")
            for one in happened[:MOST_ROWS]
        )
        return [*listed(rows), *self._left_out(len(happened))]

    def _actor(self, actor: str) -> str:
        kind, _, name = actor.partition(":")
        return name or self.say(f"desk.actor.{kind}")

    def _left_out(self, count: int) -> list[Json]:
        return [text(self.say("paper.left_out", n=count - MOST_ROWS), style="soft")] if count > MOST_ROWS else []

    def _about(self) -> list[Json]:
        say, file = self.say, self.file
        at = self.spoken.moment(self.frame.at.isoformat())
        rows = [
            (say("paper.built_on"), say("paper.built_on_says", n=file["built_on"], at=at)),
            (say("paper.journey_digest"), f"{file['journey']} {file['journey_digest'][:SHORT]}"),
            (say("paper.seal"), self.frame.sealed),
        ]
        said = [text(say("paper.attached_says", digest=self.frame.digest)), text(say("paper.signs"), style="soft")]
        return [pairs(rows), *said]
