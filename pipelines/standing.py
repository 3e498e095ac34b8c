"""Whether a topic may close by itself now: its certificate, held against the present model, rules and promise."""

import hashlib

import orjson

from cases import events as e
from cases.journey_folder import JourneyFolder
from cases.rules import Table, evaluate
from cases.store.certificates import Certificate
from cases.store.store import Store


def rules_digest(folder: JourneyFolder, topic: str) -> str:
    """Digest of the rows that can meet a case of this topic: another topic's rows may change without it."""
    known = _DIGESTS.get((folder.digest, topic))
    if known is None:
        known = _DIGESTS[folder.digest, topic] = _rules_digest(folder, topic)
    return known


_DIGESTS: dict[tuple[str, str], str] = {}  # a journey's digest never means other rules


def _rules_digest(folder: JourneyFolder, topic: str) -> str:
    table = folder.root
    verdict = evaluate(table, {column.name: topic for column in table.inputs if column.source == "topic"})
    rows = {trace.row for trace in verdict.traces if trace.matched is not False}
    rules = _only(table, rows)
    if folder.upstream:  # any row of these can have a say in any topic
        rules = {**rules, "upstream": dict(folder.upstream)}
    return hashlib.sha256(orjson.dumps(rules, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _only(table: Table, rows: set[str]) -> dict[str, object]:
    data = table.as_dict()
    return {**data, "rows": [row for row in data["rows"] if row["id"] in rows], "examples": [], "description": ""}


def models_digest(text: str, photo: str) -> str:
    """The models whose answers decide which cases of a topic close: that of the text, and of photos where there is one.

    photo: "" where the journey has none.
    """
    return f"{text}+{photo}" if photo else text


def models_of(read: e.Understood, photo: str) -> str:
    """The models that read a case. photo: the version in use, which a case without photos would be seen by."""
    return models_digest(read.model_version, next((one.model_version for one in read.photos), photo))


def standing(store: Store, folder: JourneyFolder, topic: str, *, model_digest: str) -> Certificate | None:
    """The certificate under which this topic may close now: for these models, these rules and at least this guarantee.

    Those of other models stand beside it and count for nothing while this one serves.
    """
    promise = folder.journey.auto_close
    if topic not in promise.topics:
        return None
    found = store.certificates.of_version(
        folder.name, topic, model_digest=model_digest, rules_digest=rules_digest(folder, topic)
    )
    if found is None or found.alpha > float(promise.alpha) or found.delta > float(promise.delta):
        return None
    return found


def still_stands(store: Store, step: e.StepDecided) -> bool:
    """Whether the certificate of a closing decision is open; asked in the transaction that writes the decision."""
    return (
        step.certificate is not None and store.certificates.held(step.journey, step.topic, step.certificate) is not None
    )
