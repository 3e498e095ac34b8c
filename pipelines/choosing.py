"""Which version of a journey's model serves: promoted and rolled back with a note in the log.

A version that was trained on cases erased since is not taken back without an administrator's reason: what it learned
from them would be at work again.
"""

from collections.abc import Callable, Collection
from pathlib import Path

from cases import events as e
from cases.errors import NotAllowed
from cases.store.store import Store
from cases.vocabulary import SYSTEM, Actor, Role
from models import registry
from models.errors import ModelError
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.model_log import STREAM
from pipelines.text_models import KIND

AT_ONCE = 500  # cases looked up in one query
COMMAND_LINE = "command line"  # who acts where nobody is named


class TrainedOnErased(ModelError):
    def __init__(self, version: str, cases: int) -> None:
        super().__init__(
            f"version {version} was trained on {cases} cases that were erased since; retrain instead, or let an"
            " administrator say why it must serve: --by NAME --why REASON"
        )
        self.version, self.cases = version, cases


def erased_since(house: House, path: Path) -> int:
    """How many of the cases that a version is made from are not there any more."""
    ids = registry.trained_cases(path)
    gone = 0
    for start in range(0, len(ids), AT_ONCE):
        portion = ids[start : start + AT_ONCE]
        with house.database.reading() as store:
            standing = store.data_keys.standing(portion)
        gone += sum(standing.get(case_id, True) for case_id in portion)
    return gone


def promote_version(house: House, journey: str, version: str, *, by: str = COMMAND_LINE, why: str = "") -> Path:
    """Let a version serve. Raises UnknownModel, TrainedOnErased, and NotAllowed for a reason by who may not give it."""
    root = house.settings.model_root
    path = registry.version_path(root, KIND, journey, version)
    reason = _allowed(house, path, by=by, why=why)
    before = registry.serving(root, KIND, journey)
    moved = e.ModelPromoted(f"{KIND}/{journey}", version, before, by, reason)
    return _noted(house, moved, lambda: registry.promote(root, KIND, journey, version))


def roll_back(house: House, journey: str, *, by: str = COMMAND_LINE, why: str = "") -> Path:
    """Let the version serve that served before. Raises NothingBefore, and as `promote_version`."""
    root = house.settings.model_root
    version = registry.before_current(root, KIND, journey)
    reason = _allowed(house, registry.version_path(root, KIND, journey, version), by=by, why=why)
    before = registry.serving(root, KIND, journey)
    moved = e.ModelPromoted(f"{KIND}/{journey}", version, before, by, f"rolled back: {reason}")
    return _noted(house, moved, lambda: registry.rollback(root, KIND, journey))


def _allowed(house: House, path: Path, *, by: str, why: str) -> str:
    """The reason as it will be noted."""
    gone = erased_since(house, path)
    if not gone:
        return why.strip() or "chosen by hand"
    if not why.strip():
        raise TrainedOnErased(path.name, gone)
    if Role.ADMINISTRATOR not in _roles(house, by):
        raise NotAllowed("a version trained on erased cases", f"{by!r} is no administrator; name one with --by")
    return f"{why.strip()} (trained on {gone} cases erased since)"


def _roles(house: House, name: str) -> Collection[Role]:
    with house.database.reading() as store:
        user = store.people.user(name)
    return user.roles if user is not None and user.disabled_at is None else ()


def _noted(house: House, event: e.ModelPromoted, move: Callable[[], Path]) -> Path:
    """Moved before the commit, so that what is noted has happened; when somebody else noted first, nothing has yet."""

    def write(store: Store) -> Path:
        actor = Actor("person", event.by) if store.people.user(event.by) is not None else SYSTEM
        store.append(STREAM, [(event, actor)], at=house.now())
        return move()

    return write_in_turn(house.database, write)
