"""A closed case becomes a neighbour for later ones."""

from collections.abc import Sequence

import numpy as np

from cases.store.likeness import NewVector
from pipelines.house import House
from pipelines.stages.enrich import space_of
from pipelines.stages.understand import text_of
from pipelines.stages.work import Item, Outcome, case_of


def remember(batch: Sequence[Item], house: House) -> list[Outcome]:
    cases = [case_of(item) for item in batch]
    texts = [text_of(case).text for case in cases]
    vectors = house.texts.embed(texts)
    if vectors is None:
        return [Outcome() for _ in cases]
    outcomes = []
    for case, text, vector in zip(cases, texts, vectors, strict=True):
        if case.closed_at is None or not text.strip():
            outcomes.append(Outcome())
            continue
        half = np.asarray(vector, dtype="<f2").tobytes()
        outcomes.append(Outcome(vectors=(NewVector(case.id, space_of(str(case.journey)), case.closed_at, half),)))
    return outcomes
