"""What a language model made of photos and messages, where they stand: below the original, and marked as its words.

Read from the decision file, which holds none of it for who decides without advice.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cases.journey_folder import JourneyFolder
from cases.vocabulary import Help
from pipelines.assistant.calling import why_not_shown
from pipelines.house import House

Json = dict[str, Any]
LONGEST_REST = 1_000  # characters that were not translated and are repeated beside what was
SHOWN = 16_000  # characters of messages, their translations and what photos show, on the page of a case
LEAST_SHOWN = 4_000  # of messages, however much else there is
AROUND_TRANSLATIONS, AROUND_A_PHOTO = 2_500, 400  # characters of the page that say whose words they are


@dataclass(frozen=True, slots=True)
class Described:
    """A photo in words. writing: what can be read in it, as strangers wrote it. Either may be blank."""

    text: str = ""
    writing: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph; one that was not translated stands in its own language."""

    text: str
    translated: bool


@dataclass(frozen=True, slots=True)
class Translation:
    """language: what it was translated into; of: what it was written in, blank when that is not known.

    parts: none where nothing was translated, and where it stands elsewhere (href). rest: more follows untranslated.
    """

    language: str
    of: str
    parts: tuple[Part, ...] = ()
    rest: bool = False
    href: str = ""


def photos_described(file: Json, same: Mapping[str, str]) -> dict[str, Described]:
    """By file. same: file -> SHA-256; what was said of a picture is shown with each file that holds it."""
    found: dict[str, Described] = {}
    for one in _told(file, "photos"):
        picture = same.get(one["file_id"], one["file_id"])
        before = found.get(picture, Described())
        if one["tells"] == "shows":
            found[picture] = replace(before, text=one["text"])
        elif one["tells"] == "writing":
            found[picture] = replace(before, writing=one["text"])
    return {file_id: found[picture] for file_id, picture in same.items() if picture in found}


def translations(file: Json, message_ids: Collection[str], *, expected: bool) -> dict[str, Translation]:
    """By message, of these. expected: of one in another language without a translation it is told that it has none."""
    language, of = file["language"], file["customer"]["language"]
    lines, found = _lines(file), {}
    for said in file["messages"]:
        message_id = said["message_id"]
        if said["who"] != "customer" or message_id not in message_ids:
            continue
        if message_id in lines:
            found[message_id] = _translation(said["text"], lines[message_id], language, of)
        elif expected and said["text"].strip() and of not in ("", language):
            found[message_id] = Translation(language, of)
    return found


def room_beside(file: Json) -> int:
    """Characters of messages that the page of a case may hold beside what is told of its photos."""
    told = sum(len(one["text"]) * (2 if one["tells"] == "shows" else 1) for one in _told(file, "photos"))
    around = AROUND_A_PHOTO * len({one["file_id"] for one in _told(file, "photos")})
    foreign = file["customer"]["language"] not in ("", file["language"])
    return max(LEAST_SHOWN, SHOWN - told - around - (AROUND_TRANSLATIONS if foreign else 0))


def as_fits(found: Mapping[str, Translation], room: int, place: Callable[[str], str]) -> dict[str, Translation]:
    """As much of them as there is room for, the newest first; of the others only where they stand."""
    fitting = {}
    for message_id, one in reversed(list(found.items())):
        room -= sum(len(part.text) for part in one.parts)
        fits = room >= 0 or not one.parts
        fitting[message_id] = one if fits else Translation(one.language, one.of, href=place(message_id))
    return fitting


def translates(house: House, folder: JourneyFolder | None) -> bool:
    """Whether people may expect it of each message in another language."""
    return folder is not None and why_not_shown(house.assistant, folder, Help.TRANSLATION) is None


def _lines(file: Json) -> dict[str, list[tuple[int, int, str]]]:
    """By message: from where to where each paragraph stands in it, and its translation; in order."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for one in _told(file, "translations"):
        for source in one["sources"]:
            if source["type"] == "message":
                found.setdefault(source["message_id"], []).append((source["start"], source["end"], one["text"]))
    return {message_id: sorted(lines) for message_id, lines in found.items()}


def _translation(text: str, lines: Sequence[tuple[int, int, str]], language: str, of: str) -> Translation:
    rest = text[lines[-1][1] :].strip()
    long = len(rest) > LONGEST_REST
    parts = [*_parts(text, lines), *([Part(rest, translated=False)] if rest and not long else [])]
    return Translation(language, of, tuple(parts), rest=long)


def _parts(text: str, lines: Sequence[tuple[int, int, str]]) -> Iterator[Part]:
    """What was translated, and what stands between."""
    place = 0
    for start, end, translated in lines:
        if between := text[place:start].strip():
            yield Part(between, translated=False)
        yield Part(translated, translated=True)
        place = end


def _told(file: Json, part: str) -> Sequence[Json]:
    told: Sequence[Json] = (file.get("assistant") or {}).get(part, ())
    return told
