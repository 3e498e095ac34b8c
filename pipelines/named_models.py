"""Text models by name or by journey, outside the house: to train, measure and ask them from the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cases.errors import CaseError
from cases.rules.problems import instead_of
from configs.settings import Settings
from models import registry
from models.evaluate import Report, evaluate_text
from models.examples import read_examples, read_messages
from models.labels import alike
from models.text import Prediction, TextModel
from pipelines.house import House
from pipelines.journey_examples import check_labels_of
from pipelines.journeys import Journeys, load_journeys
from pipelines.model_log import note_training
from pipelines.text_models import KIND, NoExamples, TextModels, examples_of, load_model, train_named


class UnknownJourney(CaseError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        mend = f"{instead_of(name, known)}; further folders are named by CASEWRIGHT_JOURNEYS"
        super().__init__(f"there is no journey {name!r}; {mend}")


@dataclass(frozen=True, slots=True)
class Trained:
    """A registered version and what it was found to be worth on groups it had not seen."""

    path: Path
    report: Report

    @property
    def noise(self) -> dict[str, Any] | None:
        """Labels that are probably wrong, as its card tells them; None where nobody looked."""
        return registry.read_card(self.path).get("label_noise")


def train_by_name(settings: Settings, name: str, data: Path) -> Trained:
    """Train on a file and let that version serve under this name. Needs no house."""
    return _trained(train_named(settings.model_root, name, read_examples(data), encoders=settings.text_encoders))


def train_for_journey(house: House, journey: str, data: Path | None) -> Trained:
    """Train on a file, or on the journey's own examples, let that version serve, and note it in the log."""
    folder = house.journeys.folders.get(journey)
    if folder is None:
        raise UnknownJourney(journey, house.journeys.names())
    own = examples_of(house.journeys, journey) if house.journeys.examples(journey) else None
    if data is not None:
        check_labels_of(data, folder)
    examples = own if data is None else read_examples(data)
    if examples is None:
        raise NoExamples(journey)
    settings = house.settings
    trained = _trained(
        train_named(settings.model_root, journey, examples, instead_of=own, encoders=settings.text_encoders)
    )
    note_training(house, f"{KIND}/{journey}", trained.path)
    return trained


def find_model(settings: Settings, *, name: str | None, journey: str | None) -> TextModel:
    """The version that serves: under a name, or of a journey, which is trained now if it never was."""
    if journey is None:
        return load_model(registry.current(settings.model_root, KIND, str(name)))
    journeys = journeys_with(settings, journey)
    return TextModels(settings.model_root, journeys, encoders=settings.text_encoders).of(journey)


def journeys_with(settings: Settings, journey: str) -> Journeys:
    """All journeys, provided that this one is among them."""
    journeys = load_journeys(settings)
    if journey not in journeys.folders:
        raise UnknownJourney(journey, journeys.names())
    return journeys


def evaluate_file(model: TextModel, data: Path) -> Report:
    """The model held against a labelled file, whose labels may be spelled as topics or as the data had them."""
    return evaluate_text(model, read_examples(data))


def predict_file(model: TextModel, data: Path) -> list[Prediction]:
    """One prediction per row, in the order of the file. Where the file has labels, their spelling is kept."""
    rows = read_messages(data)
    spelled = alike(model.labels, {row.label for row in rows if row.label})
    return [_respelled(one, spelled) for one in model.predict([row.text for row in rows])]


def _respelled(prediction: Prediction, spelled: Mapping[str, str]) -> Prediction:
    top = tuple((spelled[label], probability) for label, probability in prediction.top)
    return replace(prediction, label=spelled[prediction.label], top=top)


def _trained(path: Path) -> Trained:
    card = registry.read_card(path)
    return Trained(path, replace(Report(**card["report"]), version=path.name))
