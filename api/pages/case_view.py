"""The decision file as its page shows it: links from statements to their evidence, marked words, prepared times."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from api.pages.templating import Pages, percent
from api.pages.times import shown_day, shown_moment
from cases.journey_folder import ROOT_TABLE
from cases.letters import filled
from pipelines.attachments import PHOTO_TYPES

Json = dict[str, Any]
WRAP_FROM, WRAP_AT, WRAP_TO = 50, 64, 80  # characters of a line that was broken, and the least that breaks one
SAID_AT_ONCE = 25  # messages on a page of the conversation
HAPPENED_SHOWN, HAPPENED_AT_ONCE = 40, 200  # events in the file, and on a page of the history
QUOTED_SHOWN = 400  # characters that a customer quoted, where a message is cut
#: A line that was broken to fit, and one that goes on: no list, quote, greeting or signature begins or ends there.
_WRAPPED = re.compile(r"(?<=[^\s\n:])\n(?=[\w\"(€])")


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
    origin: str = ""  # reference of the merged case that it was said in
    whole: str = ""  # where all of it stands, of one that is too long for the page


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

    def __init__(
        self,
        file: Json,
        *,
        pages: Pages,
        zone: ZoneInfo,
        shown: Mapping[str, int] | None = None,
        besides: Sequence[Json] = (),
    ) -> None:
        """shown: message -> characters of it on the page; None: all of all. What is not there is cited elsewhere.

        besides: what is cited beside what the file itself does.
        """
        self.file, self.pages, self.zone = file, pages, zone
        self._besides = besides
        self._messages = {said["message_id"]: n for n, said in enumerate(file["messages"], 1)}
        self._labels = self._file_labels()
        self._shown = shown

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
                place = "" if self._is_shown(source) else self.conversation_at(number)
                return Citation(self.say("desk.cite.message", n=number), f"{place}#{span_id(source)}")
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
                place = self._history_at(source["seq"])
                return Citation(self.say("desk.cite.event", seq=source["seq"]), f"{place}#event-{source['seq']}")
            case _:
                return Citation(self.say("desk.cite.journey"))

    def _is_shown(self, source: Json) -> bool:
        return self._shown is None or int(source["end"]) <= self._shown.get(source["message_id"], -1)

    def _history_at(self, seq: int) -> str:
        """The page that tells of an event; blank for the decision file itself."""
        later = sum(one["seq"] > seq for one in self.file["history"])
        if later < HAPPENED_SHOWN:
            return ""
        return f"/cases/{self.file['reference']}/history?page={later // HAPPENED_AT_ONCE + 1}"

    def shows(self, message_id: str) -> bool:
        return self._shown is None or message_id in self._shown

    def conversation_at(self, number: int) -> str:
        """The page of the whole conversation on which this message stands, counted from 1."""
        return f"/cases/{self.file['reference']}/conversation?page={(number - 1) // SAID_AT_ONCE + 1}"

    def message_at(self, message_id: str) -> str:
        """Where the whole of a message stands."""
        return f"{self.conversation_at(self._messages.get(message_id, 1))}#message-{message_id}"

    def message_place(self, message_id: str) -> str:
        """Where a message stands: on this page, if it does."""
        return f"#message-{message_id}" if self.shows(message_id) else self.message_at(message_id)

    # --- parts of the page ------------------------------------------------------------------------------------------

    def conversation(self, messages: Iterable[Json]) -> tuple[Said, ...]:
        """These messages of the file, as far as the page shows them."""
        spans = spans_of({**self.file, "besides": self._besides})
        return tuple(self._said(said, spans.get(said["message_id"], ())) for said in messages)

    def _said(self, said: Json, spans: Sequence[Json]) -> Said:
        text, quoted = self._text(said), said["quoted"]
        whole = self._shown is None or self._shown.get(said["message_id"], 0) >= len(said["text"])
        shown = len(text) if self._shown is None or whole else self._shown.get(said["message_id"], 0)
        cut = len(text) > shown or (self._shown is not None and len(quoted) > QUOTED_SHOWN)
        number = self._messages[said["message_id"]]
        return Said(
            message_id=said["message_id"],
            who=said["who"],
            name=said["name"] or self.say("case.us"),
            at_iso=said["at"],
            at_text=self.moment(said["at"]),
            subject=said["subject"],
            pieces=tuple(pieces_of(text[:shown], spans)),
            quoted=quoted[:QUOTED_SHOWN] if cut else quoted,
            origin=said.get("of", ""),
            files=tuple(Attached(id_, self._labels[id_]) for id_ in said["files"] if id_ in self._labels),
            whole=f"{self.conversation_at(number)}#message-{said['message_id']}" if cut else "",
        )

    def _text(self, said: Json) -> str:
        """What was said. In our own letters the link and the standing are filled in at sending; nothing cites those by
        place.
        """
        text: str = said["text"]
        if said["who"] != "us":
            return unwrapped(text)
        return filled(text, link=self.say("case.tracking_link"), standing=self.say("case.standing_then"))

    def pictures(self, *, photos_shown: bool) -> tuple[Picture, ...]:
        reference = self.file["reference"]
        return tuple(
            self._picture(found, found.get("of", reference), shown=photos_shown) for found in self.file["files"]
        )

    def _picture(self, found: Json, reference: str, *, shown: bool) -> Picture:
        label = self._labels[found["id"]]
        is_picture = found["kind"] == "photo" or found["media_type"] in PHOTO_TYPES  # or a page of a scanned letter
        visible = shown and is_picture and found["status"] == "received"
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
                f"{one['title']} ({one['of']})" if "of" in one else one["title"],
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


def heard(file: Json, *, customer_only: bool) -> list[Json]:
    """What a person may read: in a case they judge blind only what the customer said."""
    return [said for said in file["messages"] if said["who"] == "customer" or not customer_only]


def newest(
    messages: Sequence[Json], *, at_most: int = 12, characters: int = 16_000, longest: int = 6_000
) -> Mapping[str, int]:
    """The newest messages that fit a page, oldest first, each with how many of its characters are shown."""
    chosen: dict[str, int] = {}
    left = characters
    for said in reversed(messages[-at_most:]):
        shown = min(len(said["text"]), longest)
        if chosen and shown > left:
            break
        chosen[said["message_id"]] = shown
        left -= shown
    return dict(reversed(chosen.items()))


def without_advice(file: Json) -> Json:
    """The file for a person whose own judgement is wanted: nothing that tells what the machine would do."""
    topic = {**file["topic"], "confidence": None, "weights": [], "top": [], "sources": []}
    options = [{**option, "recommended": False} for option in file["options"]]
    said = [one for one in file["messages"] if one["who"] == "customer"]
    file = without_assistant(file)
    return {**file, "recommendation": None, "topic": topic, "options": options, "messages": said, "history": []}


def without_assistant(file: Json) -> Json:
    """Without what language models said."""
    return {name: part for name, part in file.items() if name != "assistant"}


def unwrapped(text: str) -> str:
    """Lines that a mail program broke to fit 60 to 80 characters, joined; of the same length, so that spans hold."""
    broken = [
        found.start()
        for found in _WRAPPED.finditer(text)
        if WRAP_FROM <= found.start() - text.rfind("\n", 0, found.start()) - 1 <= WRAP_TO
        and _needs_more(text, found.start())
    ]
    letters = list(text)
    for place in broken:
        letters[place] = " "
    return "".join(letters)


def _needs_more(text: str, end: int) -> bool:
    """Whether the next word would not have fitted: a line that ends sooner was ended by the writer."""
    start = text.rfind("\n", 0, end) + 1
    word = text[end + 1 :].split(maxsplit=1)
    return end - start + 1 + len(word[0] if word else "") > WRAP_AT


def span_id(source: Mapping[str, Any]) -> str:
    return f"m-{source['message_id']}-{source['start']}-{source['end']}"


def spans_of(file: Json) -> dict[str, list[Json]]:
    """Every cited span by message; what only weighed for the topic, or was only translated, is not cited."""
    found: dict[str, list[Json]] = {}
    topic = {key: value for key, value in file["topic"].items() if key != "weights"}
    told = {key: value for key, value in (file.get("assistant") or {}).items() if key != "translations"}
    for source in _sources({**file, "topic": topic, "assistant": told}):
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
