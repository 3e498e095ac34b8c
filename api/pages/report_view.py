"""What the pages of the report form show: prepared in the customer's language, without anything internal."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode

from api.pages.templating import Pages
from api.pages.tracking_parts import Leaf, leaf
from cases import calendar
from cases.asking import Wanted, wanted
from cases.journey_folder import JourneyFolder
from cases.vocabulary import Danger
from cases.wording import moment_day
from pipelines.reading.danger import find_danger, words_of

#: A topic nobody named: whatever the list does not hold.
OTHER = "other"
FILES, TELL = "files", "tell"


@dataclass(frozen=True, slots=True)
class About:
    """What a report is about. topic: a key of the journey's topics, or OTHER."""

    folder: JourneyFolder
    topic: str
    language: str
    wanted: Wanted

    @property
    def title(self) -> str:
        """Of the topic in the customer's words; "" for OTHER."""
        topic = self.folder.journey.topics.get(self.topic)
        return self.folder.worded(topic.title, self.language) if topic else ""

    @property
    def steps(self) -> tuple[str, ...]:
        """The pages after the choice: photos come first where the topic is seen on them."""
        topic = self.folder.journey.topics.get(self.topic)
        shows = topic is None or topic.photos != "none" or self.wanted.photos or self.wanted.documents
        return (FILES, TELL) if shows else (TELL,)

    def path(self, step: str, **query: str) -> str:
        kept = {name: value for name, value in {"topic": self.topic, "lang": self.language, **query}.items() if value}
        return f"/report/{self.folder.name}/{step}?{urlencode(kept)}"


@dataclass(frozen=True, slots=True)
class Question:
    """name: of its field. kind: text, tel or choice. choices: what is sent, as it is read."""

    name: str
    title: str
    text: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Emergency:
    text: str
    phone: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was typed, and what is wrong with it by field."""

    text: str = ""
    name: str = ""
    sender: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Promise:
    by: str
    leaf: Leaf


def about(folder: JourneyFolder, topic: str, language: str) -> About:
    return About(folder, topic, language, wanted(folder, topic) if topic in folder.journey.topics else Wanted())


def spoken(folder: JourneyFolder, preferred: str) -> str:
    """The language of the browser where the journey has it, else the journey's first."""
    journey = folder.journey
    return preferred if preferred in journey.read_in else journey.languages[0]


def photo_hints(of: About) -> tuple[tuple[str, str], ...]:
    """Title and explanation of the photos and papers that help most."""
    requests = of.folder.journey.requests
    return tuple(
        (of.folder.worded(requests[key].title, of.language), of.folder.worded(requests[key].text, of.language))
        for key in (*of.wanted.photos, *of.wanted.documents)
    )


def questions(of: About, told: Told) -> tuple[Question, ...]:
    folder, journey = of.folder, of.folder.journey
    shown = []
    for key in of.wanted.answers:
        request = journey.requests[key]
        fact = journey.facts.get(request.fact or "")
        kind = "choice" if request.choices else "tel" if fact is not None and fact.reader == "phone" else "text"
        shown.append(
            Question(
                name=f"answer.{key}",
                title=folder.worded(request.title, of.language),
                text=folder.worded(request.text, of.language),
                kind=kind,
                value=told.answers.get(key, ""),
                choices=tuple(folder.worded(wording, of.language) for wording in request.choices.values()),
            )
        )
    return tuple(shown)


def message_of(of: About, told: Told) -> str:
    """The report as one message, a paragraph for each thing: what is read from it is cited where it stands."""
    desk = replace(of, language=_read_by_people(of))
    answers = [
        f"{own.title}: {dict(zip(one.choices, own.choices, strict=True)).get(one.value, one.value)}"
        for one, own in zip(questions(of, told), questions(desk, told), strict=True)
        if one.value
    ]
    return "\n\n".join(part for part in (desk.title, told.text, *answers) if part)


def _read_by_people(of: About) -> str:
    """The language of the report where the journey has it; our own words in it are in the journey's first else."""
    languages = of.folder.journey.languages
    return of.language if of.language in languages else languages[0]


def emergencies(of: About, words: str, pages: Pages) -> tuple[Emergency, ...]:
    """What to do at once about the danger that these words tell of, by the journey, else as everywhere."""
    signs = find_danger(words, of.language, extra=words_of(of.folder.journey))
    found = dict.fromkeys(sign.danger for sign in signs)
    return tuple(_emergency(of, danger, pages) for danger in found)


def _emergency(of: About, danger: Danger, pages: Pages) -> Emergency:
    own = of.folder.journey.emergency.get(danger)
    if own is not None:
        return Emergency(of.folder.worded(own.text, of.language), own.phone)
    if danger is Danger.VULNERABILITY:  # asks for care, not for the fire brigade
        phone = of.folder.journey.organisation.phone
    else:
        phone = pages.say(of.language, "track.report.emergency.phone")
    return Emergency(pages.say(of.language, f"track.report.emergency.{danger}", phone=phone), phone)


def promise(of: About, pages: Pages, now: datetime) -> Promise:
    """By when the customer hears from us at the latest."""
    journey = of.folder.journey
    by = calendar.after_hours(now, journey.promises.first_response_hours, journey.calendar)
    return Promise(moment_day(by, journey, of.language), leaf(pages, by, journey, of.language))
