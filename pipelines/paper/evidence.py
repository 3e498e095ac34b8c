"""The numbered evidence of a document: each place that a statement rests on has one number and one entry."""

from collections.abc import Iterable
from typing import Any

from pipelines.paper.spoken import Spoken, whole_percent

Json = dict[str, Any]
QUOTED = 240  # characters of a message that are shown beside its number
SHORT = 12  # digits of a digest


class Evidence:
    """Numbers sources in the order in which they are cited. The labels are those of the decision file's page."""

    def __init__(self, file: Json, spoken: Spoken) -> None:
        self._file, self._spoken, self._say = file, spoken, spoken.say
        self._numbers: dict[tuple[str, str], int] = {}
        self._said = {said["message_id"]: (n, said) for n, said in enumerate(file["messages"], 1)}
        self._happened = {one["seq"]: one for one in file["history"]}
        self._rows = _rows(file)
        self.labels = self._file_labels()

    def cite(self, sources: Iterable[Json]) -> list[int]:
        """Their numbers, each once, in order."""
        entries = (self._entry(source) for source in sources)
        return sorted({self._numbers.setdefault(entry, len(self._numbers) + 1) for entry in entries})

    def entries(self) -> list[Json]:
        """Everything cited so far, by number."""
        return [{"number": number, "title": title, "text": text} for (title, text), number in self._numbers.items()]

    def _file_labels(self) -> dict[str, str]:
        """Photo 1, Photo 2, File 1: as on the page."""
        labels, counts = {}, {"photo": 0, "document": 0}
        for found in self._file["files"]:
            kind = "photo" if found["kind"] == "photo" else "document"
            counts[kind] += 1
            labels[found["id"]] = self._say(f"desk.{kind}", n=counts[kind])
        return labels

    def _entry(self, source: Json) -> tuple[str, str]:  # noqa: PLR0911  # one line a kind of source
        """Its title, and what stands there."""
        match source["type"]:
            case "message":
                return self._of_message(source)
            case "photo":
                return self._of_file(source)
            case "rule":
                return self._of_rule(source)
            case "model":
                share = whole_percent(float(source["score"]))
                return self._say("desk.cite.model", share=share), f"{source['model']} {source['version']}"
            case "case":
                titles = {past["case_id"]: past["outcome_title"] for past in self._file["similar"]}
                return self._say("desk.cite.case", reference=source["reference"]), titles.get(source["case_id"], "")
            case "register":
                return self._of_register(source)
            case "person":
                return self._say("desk.cite.person", name=source["name"]), ""
            case "event":
                return self._of_event(source)
            case _:
                return self._say("desk.cite.journey"), f"{source['path']} ({source['digest'][:SHORT]})"

    def _of_message(self, source: Json) -> tuple[str, str]:
        number, said = self._said.get(source["message_id"], (1, {"text": ""}))
        words = said["text"][source["start"] : source["end"]]
        quoted = f"“{words[:QUOTED]}{'…' if len(words) > QUOTED else ''}”" if words else ""
        return self._say("desk.cite.message", n=number), quoted

    def _of_file(self, source: Json) -> tuple[str, str]:
        names = {found["id"]: found["name"] for found in self._file["files"]}
        file_id = str(source["file_id"])
        return self.labels.get(file_id, file_id), names.get(file_id, "")

    def _of_rule(self, source: Json) -> tuple[str, str]:
        text = f"{source['table']} {source['digest'][:SHORT]}"
        words = self._rows.get(source["row"], "")
        return self._say("desk.cite.rule", row=source["row"]), f"{words} ({text})" if words else text

    def _of_register(self, source: Json) -> tuple[str, str]:
        for register in self._file["registers"]:
            if register["register"] == source["register"]:
                fields = {field["name"]: f"{field['label']}: {field['shown']}" for field in register["fields"]}
                return register["label"], fields.get(source["field"], "")
        return self._say("desk.cite.register"), source["field"]

    def _of_event(self, source: Json) -> tuple[str, str]:
        happened = self._happened.get(source["seq"])
        text = f"{happened['text']}, {self._spoken.moment(happened['at'])}" if happened else ""
        return self._say("desk.cite.event", seq=source["seq"]), text


def _rows(file: Json) -> dict[str, str]:
    """What the rules say that the advice was weighed by."""
    advice = file["recommendation"] or {"fired": [], "others": []}
    return {row["row"]: row["description"] for row in (*advice["others"], *advice["fired"])}
