"""The models: what may close by itself and on what evidence, whether what comes in drifts, and which versions serve."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.deps import HouseHere, SessionHere, demand
from api.pages.desk import desk_of, journeys_seen, zone_of
from api.pages.models_assistant import AssistantShown, assistant_shown
from api.pages.models_reading import topics_of
from api.pages.models_shadow import ShadowShown, shadow_shown
from api.pages.models_tables import (
    ComparisonShown,
    DriftShown,
    Tile,
    VersionShown,
    comparisons_shown,
    drift_shown,
    tiles,
    versions_shown,
)
from api.pages.models_view import Promises, TopicShown, promises, topic_shown
from api.pages.queue_view import Tab
from api.pages.spoken import Spoken
from api.pages.templating import pages_of
from api.security import Operation
from cases.errors import NotFound
from cases.journey_folder import JourneyFolder
from models import registry
from models.drift import BUDGET, LEVEL
from pipelines.drift import Look, day_of, drifting, look
from pipelines.house import House
from pipelines.model_log import STREAM
from pipelines.photo_models import KIND as PHOTO
from pipelines.shadow import agreement

router = APIRouter(include_in_schema=False)
ASSUMPTIONS = ("frozen", "exchangeable", "audits", "labels", "marginal")


@dataclass(frozen=True, slots=True)
class ModelsShown:
    title: str
    tiles: tuple[Tile, ...]
    promises: Promises | None
    assumptions: tuple[str, ...]
    topics: tuple[TopicShown, ...]
    off: tuple[str, ...]
    drift: tuple[DriftShown, ...]
    against: str
    drift_how: str
    versions: tuple[VersionShown, ...]
    boxes: str
    comparisons: tuple[ComparisonShown, ...]
    shadow: ShadowShown | None
    assistant: AssistantShown | None


@router.get("/models")
def show_models(
    request: Request,
    house: HouseHere,
    session: SessionHere,
    journey: Annotated[str, Query(max_length=60)] = "",
) -> HTMLResponse:
    """One journey's models; the first one that this person may see when none is named."""
    demand(session.user, Operation.READ_MODELS)
    seen = {one.name: one for one in journeys_seen(house, session.user)}
    name = journey or next(iter(seen), "")
    if name not in seen:
        raise NotFound("journey", name)
    pages = pages_of(request)
    spoken = Spoken(pages.desk_say(), pages.desk_language, zone_of(house, name))
    return pages.page(
        "desk/models.html",
        desk=desk_of(house, session),
        section="models",
        tabs=[
            Tab(one.worded(one.journey.title, spoken.language), f"/models?journey={one.name}", "", one.name == name)
            for one in seen.values()
        ],
        shown=_shown(house, seen[name], spoken),
    )


def _shown(house: House, folder: JourneyFolder, spoken: Spoken) -> ModelsShown:
    looked = todays_look(house, folder.name)
    with house.database.reading() as store:
        history = store.history(STREAM)
        episodes = drifting(store, folder.name, version=looked.model_version)
    topics = topics_of(house, folder.name, history, language=spoken.language)
    cards = [one for one in registry.list_models(house.settings.model_root) if one.name == folder.name]
    say, enabled = spoken.say, folder.journey.auto_close.topics
    against = say("models.drift.since", version=looked.model_version) if looked.model_version else ""
    return ModelsShown(
        title=folder.worded(folder.journey.title, spoken.language),
        tiles=tiles(topics, cards, looked, spoken),
        promises=promises(topics, spoken) if topics else None,
        assumptions=tuple(say(f"models.assumption.{key}") for key in ASSUMPTIONS),
        topics=tuple(topic_shown(topic, spoken) for topic in topics),
        off=tuple(
            folder.worded(topic.title, spoken.language)
            for key, topic in folder.journey.topics.items()
            if key not in enabled
        ),
        drift=drift_shown(looked, episodes, spoken),
        against=against,
        drift_how=say("models.drift.how", level=spoken.share(LEVEL, digits=4), budget=spoken.share(BUDGET, digits=0)),
        versions=versions_shown(cards, history, spoken),
        boxes=say("models.registry.boxes") if any(one.kind == PHOTO for one in cards) else "",
        comparisons=comparisons_shown(folder.name, history, spoken),
        shadow=shadow_shown(agreement(house, folder.name), folder, spoken),
        assistant=assistant_shown(house, folder.name, spoken),
    )


_LOOKS: dict[tuple[str, str], Look] = {}  # (home, journey) -> a look is the same all day


def todays_look(house: House, journey: str) -> Look:
    """The look of this day, kept until the next: reading it embeds some hundred messages."""
    key = (str(house.settings.home), journey)
    kept = _LOOKS.get(key)
    if kept is None or kept.until != day_of(house) or not kept.findings:
        _LOOKS[key] = kept = look(house, journey)
    return kept
