"""What the log tells of models as such: the stream it stands in, and when a version was trained."""

from pathlib import Path

from cases import events as e
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from models import registry
from pipelines.house import House
from pipelines.in_turn import write_in_turn

STREAM = "models"  # of all journeys: trainings, comparisons, promotions, certificates, drift
_METRICS = ("accuracy", "macro_f1", "ece")


def note_training(house: House, model: str, path: Path) -> None:
    """Write a training down, once a version. model: its kind and name, as `text/home_repair`."""
    write_in_turn(house.database, lambda store: note_training_in(store, house, model, path))


def note_training_in(store: Store, house: House, model: str, path: Path, *more: e.Written) -> None:
    """The same in a transaction that is open, followed by what else is to be noted."""
    trained = _trained(model, path)
    is_known = any(entry.event == trained for entry in store.history(STREAM))
    events = more if is_known else (trained, *more)
    if events:
        store.append(STREAM, [(event, SYSTEM) for event in events], at=house.now())


def _trained(model: str, path: Path) -> e.ModelTrained:
    card = registry.read_card(path)
    metrics = tuple((metric, str(card["report"][metric])) for metric in _METRICS if metric in card["report"])
    return e.ModelTrained(model, path.name, card["sha256"], card["data_digest"], metrics)
