"""What a change of a table does to the certificates of its journey: each speaks for the rows that meet its topic."""

import math
from collections.abc import Mapping
from typing import Any

from models.certify import attempt_delta, delta_prime, more_clean_labels
from pipelines.rulebook.replay_history import RECENT, Question
from pipelines.rulebook.tally import Labels
from pipelines.standing import rules_digest


def consequences(asked: Question, labels: Mapping[str, Labels]) -> list[dict[str, Any]]:
    """For each topic that may close by itself: whether rows that meet it change, and which certificates end with that.

    needs: correct blind verdicts above the threshold that are missing at the least, after those of the replayed history
    were counted again under the new rows; days: how long that takes at the volume of the last four weeks, None when it
    is not known. Both are of use only where certificates end.
    """
    promise = asked.folder.journey.auto_close
    level = attempt_delta(delta_prime(float(promise.delta), len(promise.topics)), 1)
    found = []
    for topic in promise.topics:
        digests = rules_digest(asked.before, topic), rules_digest(asked.after, topic)
        told = labels.get(topic, Labels())
        needs = more_clean_labels(told.n, told.wrong, float(promise.alpha), level)
        found.append(
            {
                "topic": topic,
                "rules_before": digests[0],
                "rules_after": digests[1],
                "changes": digests[0] != digests[1],
                **_open(asked, topic, *digests),
                "labels": told.n,
                "wrong": told.wrong,
                "needs": needs,
                "recent_labels": told.recent,
                "days": math.ceil(needs * RECENT.days / told.recent) if told.recent else None,
            }
        )
    return found


def _open(asked: Question, topic: str, before: str, after: str) -> dict[str, list[str]]:
    """Certificates that close today and would no more, and those that stand for the new rows already."""
    with asked.house.database.reading() as store:
        standing = store.certificates.open(asked.folder.name, topic)
    return {
        "ends": [one.id for one in standing if one.rules_digest == before != after],
        "stands": [one.id for one in standing if one.rules_digest == after],
    }
