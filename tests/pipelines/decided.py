"""Cases that people decided, written in bulk: what they said of each topic is what models are retrained on.

The world has changed since the journey's examples were written: landlords hung a device called Zefiro in bathrooms and
one called Portalux at front doors, and no model of those examples can know what a message about them is about.
"""

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cases import events as e
from cases.store.log import Append
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Scope, Step, Why
from models.certify import in_reserve
from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.labels import is_held_out
from pipelines.text_models import TextModels
from tests.pipelines.given import Clock, opened_house

JOURNEY = "home_repair"
ANNA = Actor("person", "anna")
AT_ONCE = 250
NEW = {
    "nl": {
        "damp_or_mould": "De Zefiro {n} knippert {colour} sinds {day}, {who}.",
        "lift_or_intercom": "Onze Portalux {n} reageert niet meer sinds {day}, {who}.",
    },
    "en": {
        "damp_or_mould": "The Zefiro {n} has been blinking {colour} since {day}, {who}.",
        "lift_or_intercom": "Our Portalux {n} does not react since {day}, {who}.",
    },
}
KNOWN = {
    "nl": {
        "leak": "De kraan in de keuken lekt al sinds {day} en er staat water op de vloer, {who}.",
        "heating_or_hot_water": "De verwarming wordt niet warm en er is sinds {day} geen warm water, {who}.",
        "drain_blocked": "De afvoer van de douche is verstopt sinds {day}, het water loopt niet weg, {who}.",
        "pests": "Er lopen sinds {day} muizen door de keuken, {who}.",
    },
    "en": {
        "leak": "The kitchen tap has been leaking since {day} and there is water on the floor, {who}.",
        "heating_or_hot_water": "The heating stays cold and there is no hot water since {day}, {who}.",
        "drain_blocked": "The shower drain is blocked since {day}, the water does not run away, {who}.",
        "pests": "There are mice in the kitchen since {day}, {who}.",
    },
}
SLOTS = {
    "day": ("maandag", "dinsdag", "Wednesday", "Thursday", "vrijdag", "Saturday", "zondag"),
    "colour": ("rood", "oranje", "blue", "white"),
    "who": ("wij zijn met drie", "call me", "groet Ine", "thanks", "mijn buurvrouw ook", "flat on the third floor"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One simulated case: what its customer wrote, and what a person said it is about."""

    number: int
    text: str
    topic: str
    language: str
    customer: str

    @property
    def case_id(self) -> str:
        return f"case-{self.number:06d}"

    @property
    def reference(self) -> str:
        return f"C-2026-{self.number:06d}"


@contextmanager
def house_of_its_own(
    place: Path, trained: Path, clock: Clock, journeys: Journeys, decoder: Decoder, **settings: Any
) -> Iterator[House]:
    """A house whose models are a copy: promoting one in it changes nothing for other tests."""
    models = Path(shutil.copytree(trained, place / "models"))
    texts = TextModels(models, journeys, looks_every=0)
    with opened_house(
        place / "home", models, clock=clock, journeys=journeys, texts=texts, decoder=decoder, **settings
    ) as house:
        yield house


def tell(count: int, *, seed: int = 1, share_new: float = 0.4, first: int = 1) -> list[Told]:
    """Messages of as many customers, some of them about what no model of the examples can know."""
    dice = random.Random(seed)
    told = []
    for number in range(first, first + count):
        language = dice.choice(("nl", "en"))
        templates = (NEW if dice.random() < share_new else KNOWN)[language]
        topic = dice.choice(sorted(templates))
        words = {name: dice.choice(values) for name, values in SLOTS.items()}
        text = templates[topic].format(n=number, **words)
        told.append(Told(number, text, topic, language, f"customer{number}@example.org"))
    return told


def trainable(house: House, told: Sequence[Told]) -> list[Told]:
    return [
        one for one in told if not in_reserve(house.keys.reserve, one.customer) and not is_held_out(house, one.customer)
    ]


def decide(house: House, told: Sequence[Told], *, topic: str | None = None) -> None:
    """A person names the topic of each; the machine had read another."""
    for start in range(0, len(told), AT_ONCE):
        with house.database.writing() as store:
            store.append_many([_case(house, one, topic or one.topic) for one in told[start : start + AT_ONCE]])


def opening(house: House, one: Told, *, read_as: str = "leak", **read: Any) -> list[tuple[e.Written, Actor]]:
    """From the message to the step that leads to a person."""
    at, folder = house.now() - timedelta(days=1), house.journeys.get(JOURNEY)
    sure = {"confidence": 0.6, "scope": Scope.IN} | read
    return [
        (e.CaseOpened(one.reference, f"m-{one.number}", "webform", one.customer, journey=JOURNEY), SYSTEM),
        (e.MessageAdded(f"m-{one.number}", "webform", one.customer, "", one.text, at), CUSTOMER),
        (
            e.Understood(
                f"m-{one.number}", one.language, JOURNEY, folder.digest, read_as, sure["confidence"], sure["scope"],
                0.1, f"text/{JOURNEY}", "v",
            ),
            MACHINE,
        ),
        (e.StepDecided(Step.EXPERT, (Why.ELSE_ROW,), JOURNEY, folder.digest, read_as), MACHINE),
    ]  # fmt: skip


def verdict(topic: str | None = None, *, by: Actor = ANNA, choice: str = "send_plumber") -> tuple[e.Written, Actor]:
    return e.HumanDecided(choice, by.name, "as seen", corrected_topic=topic), by


def append(house: House, one: Told, *events: tuple[e.Written, Actor]) -> None:
    with house.database.writing() as store:
        store.append(one.case_id, events, at=house.now())


def _case(house: House, one: Told, topic: str) -> Append:
    return Append(one.case_id, (*opening(house, one), verdict(topic)), house.now(), expected=0)
