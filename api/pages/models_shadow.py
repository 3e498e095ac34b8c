"""The version that waits, beside the one that serves, on live cases: as the page of the models shows it."""

from dataclasses import dataclass

from api.pages.spoken import Spoken
from cases.journey_folder import JourneyFolder
from pipelines.shadow import Agreement, Slice

MOST = 12  # slices and kinds of difference that are shown, those that differ most first


@dataclass(frozen=True, slots=True)
class SliceShown:
    name: str
    value: str
    cases: str
    same: str


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    read: str
    shadow: str
    cases: str


@dataclass(frozen=True, slots=True)
class ShadowShown:
    told: str
    slices: tuple[SliceShown, ...]
    differences: tuple[DifferenceShown, ...]


def shadow_shown(found: Agreement, folder: JourneyFolder, spoken: Spoken) -> ShadowShown | None:
    """None while no version waits."""
    if not found.version:
        return None
    say = spoken.say
    if found.share is None:
        return ShadowShown(say("models.shadow.nothing_yet", version=found.version), (), ())
    told = say(
        "models.shadow.told",
        version=found.version,
        n=spoken.number(found.n),
        share=spoken.share(found.share, digits=1),
    )
    differing = (
        DifferenceShown(_topic(one, folder, spoken), _topic(other, folder, spoken), spoken.number(cases))
        for one, other, cases in found.differing[:MOST]
    )
    return ShadowShown(told, tuple(_slice(one, folder, spoken) for one in found.slices[:MOST]), tuple(differing))


def _slice(one: Slice, folder: JourneyFolder, spoken: Spoken) -> SliceShown:
    return SliceShown(
        name=spoken.say(f"models.shadow.of.{one.name}"),
        value=_topic(one.value, folder, spoken) if one.name == "topic" else one.value,
        cases=spoken.number(one.n),
        same=spoken.share(one.same / one.n, digits=1),
    )


def _topic(key: str, folder: JourneyFolder, spoken: Spoken) -> str:
    """A topic's title in the reader's language; one that the journey does not have stands as it is."""
    if not key:
        return spoken.say("models.shadow.out_of_scope")
    topic = folder.journey.topics.get(key)
    return key if topic is None else folder.worded(topic.title, spoken.language)
