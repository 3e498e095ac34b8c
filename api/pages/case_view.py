"""The decision file as its page shows it: links from statements to their evidence, marked words, prepared times."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from api.pages.templating import Pages, percent
from api.pages.times import shown_day, shown_moment
from cases.journey_folder import ROOT_TABLE
from cases.letters import TRACKING_LINK

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Citation:
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a message's text; ids of the citations that begin here."""

    text: str
    marked: bool = False
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attached:
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Said:
    message_id: str
    who: str
    name: str
    at_iso: str
    at_text: str
    subject: str
    pieces: tuple[Piece, ...]
    quoted: str
    files: tuple[Attached, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    id: str
    label: str
    name: str
    status: str
    src: str
    href: str
    alt: str
    findings: Sequence[Json]
    cannot_show: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Happened:
    seq: int
    at_iso: str
    at_text: str
    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class Asked:
    title: str
    answered: bool
    tell: str


class FileReader:
    """One decision file with what its links need to know: the order of messages and files."""

    def __init__(self, file: Json, *, pages: Pages, zone: ZoneInfo) -> None:
        self.file, self.pages, self.zone = file, pages, zone
        self._messages = {said["message_id"]: n for n, said in enumerate(file["messages"], 1)}
        self._labels = self._file_labels()

    def say(self, key: str, /, **parts: object) -> str:
        return self.pages.say(self.pages.desk_language, key, **parts)

    def moment(self, iso: str) -> str:
        return shown_moment(datetime.fromisoformat(iso), zone=self.zone, language=self.pages.desk_language)

    def _file_labels(self) -> dict[str, str]:
        labels, counts = {}, {"photo": 0, "document": 0}
        for found in self.file["files"]:
            kind = "photo" if found["kind"] == "photo" else "document"
            counts[kind] += 1
            labels[found["id"]] = self.say(f"desk.{kind}", n=counts[kind])
        return labels

    # --- evidence -------------------------------------------------------------------------------------------------

    def cite(self, sources: Iterable[Json]) -> list[Citation]:
        """One link a source; the same place is linked once."""
        cited = dict.fromkeys(self._citation(source) for source in sources)
        return list(cited)

    def _citation(self, source: Json) -> Citation:  # noqa: PLR0911  # one line a kind of source
        match source["type"]:
            case "message":
                number = self._messages.get(source["message_id"], 1)
                return Citation(self.say("desk.cite.message", n=number), f"#{span_id(source)}")
            case "photo":
                label = str(self._labels.get(source["file_id"]) or source["file_id"])
                return Citation(label, f"#photo-{source['file_id']}")
            case "rule":
                shown = self.say("desk.cite.rule", row=source["row"])
                return Citation(shown, f"#rule-{source['row']}") if source["table"] == ROOT_TABLE else Citation(shown)
            case "model":
                return Citation(self.say("desk.cite.model", share=percent(float(source["score"]))))
            case "case":
                reference = source["reference"]
                return Citation(self.say("desk.cite.case", reference=reference), f"/cases/{reference}")
            case "register":
                labels = {one["register"]: one["label"] for one in self.file["registers"]}
                label = str(labels.get(source["register"]) or self.say("desk.cite.register"))
                return Citation(str(label), f"#register-{source['register']}")
            case "person":
                return Citation(self.say("desk.cite.person", name=source["name"]))
            case "event":
                return Citation(self.say("desk.cite.event", seq=source["seq"]), f"#event-{source['seq']}")
            case _:
                return Citation(self.say("desk.cite.journey"))

    # --- parts of the page ------------------------------------------------------------------------------------------

    def conversation(self, *, customer_only: bool) -> tuple[Said, ...]:
        spans = spans_of(self.file)
        return tuple(
            Said(
                message_id=said["message_id"],
                who=said["who"],
                name=said["name"] or self.say("case.us"),
                at_iso=said["at"],
                at_text=self.moment(said["at"]),
                subject=said["subject"],
                pieces=tuple(pieces_of(self._text(said), spans.get(said["message_id"], ()))),
                quoted=said["quoted"],
                files=tuple(Attached(id_, self._labels[id_]) for id_ in said["files"] if id_ in self._labels),
            )
            for said in self.file["messages"]
            if said["who"] == "customer" or not customer_only
        )

    def _text(self, said: Json) -> str:
        """What was said. In our own letters the link is filled in at sending; nothing cites those by place."""
        text: str = said["text"]
        return text.replace(TRACKING_LINK, self.say("case.tracking_link")) if said["who"] == "us" else text

    def pictures(self, *, photos_shown: bool) -> tuple[Picture, ...]:
        reference = self.file["reference"]
        return tuple(self._picture(found, reference, shown=photos_shown) for found in self.file["files"])

    def _picture(self, found: Json, reference: str, *, shown: bool) -> Picture:
        label = self._labels[found["id"]]
        visible = shown and found["kind"] == "photo" and found["status"] == "received"
        href = f"/api/cases/{reference}/photos/{found['id']}" if visible else ""
        said = "; ".join(one["text"] for one in found["findings"])
        return Picture(
            id=found["id"],
            label=label,
            name=found["name"],
            status=found["status"],
            src=f"{href}?size=thumbnail" if href else "",
            href=href,
            alt=self.say("case.photo_alt", label=label, finding=said or found["name"]),
            findings=found["findings"],
            cannot_show=found["cannot_show"],
        )

    def history(self, *, after: int = 0) -> tuple[Happened, ...]:
        return tuple(
            Happened(
                seq=one["seq"],
                at_iso=one["at"],
                at_text=self.moment(one["at"]),
                text=one["text"],
                actor=self._actor(one["actor"]),
            )
            for one in reversed(self.file["history"])
            if one["seq"] > after
        )

    def _actor(self, actor: str) -> str:
        kind, _, name = actor.partition(":")
        return name or self.say(f"desk.actor.{kind}")

    def requests(self) -> tuple[Asked, ...]:
        return tuple(
            Asked(
                one["title"],
                one["answered"],
                self.say("case.request_answered")
                if one["answered"]
                else self.say(
                    "case.request_open",
                    at=self.moment(one["asked_at"]),
                    due=shown_day(one["due"], language=self.pages.desk_language),
                ),
            )
            for one in self.file["requests"]
        )


def without_advice(file: Json) -> Json:
    """The file for a person whose own judgement is wanted: nothing that tells what the machine would do."""
    topic = {**file["topic"], "confidence": None, "weights": [], "top": [], "sources": []}
    options = [{**option, "recommended": False} for option in file["options"]]
    said = [one for one in file["messages"] if one["who"] == "customer"]
    return {**file, "recommendation": None, "topic": topic, "options": options, "messages": said, "history": []}


def span_id(source: Mapping[str, Any]) -> str:
    return f"m-{source['message_id']}-{source['start']}-{source['end']}"


def spans_of(file: Json) -> dict[str, list[Json]]:
    """Every cited span by message; what only weighed for the topic is not cited."""
    found: dict[str, list[Json]] = {}
    topic = {key: value for key, value in file["topic"].items() if key != "weights"}
    for source in _sources({**file, "topic": topic}):
        found.setdefault(source["message_id"], []).append(source)
    return found


def _sources(value: Any) -> Iterator[Json]:
    match value:
        case {"type": "message", "start": int(), "end": int()}:
            yield value
        case dict():
            for inner in value.values():
                yield from _sources(inner)
        case list() | tuple():
            for inner in value:
                yield from _sources(inner)
        case _:
            return


def pieces_of(text: str, spans: Iterable[Json]) -> list[Piece]:
    """The text cut where citations begin and end; overlapping ones share a mark, each id stands once."""
    inside = [span for span in spans if 0 <= span["start"] < span["end"] <= len(text)]
    edges = sorted({0, len(text), *(span["start"] for span in inside), *(span["end"] for span in inside)})
    pieces = []
    for start, end in pairwise(edges):
        over = [span for span in inside if span["start"] <= start and end <= span["end"]]
        ids = tuple(dict.fromkeys(span_id(span) for span in over if span["start"] == start))
        pieces.append(Piece(text[start:end], marked=bool(over), ids=ids))
    return pieces
