"""A language model reads along where the journey has switched it on: for the person, after everything was decided.

What it says is added to the case as it stands then; nothing that was decided, asked or promised waits for it. A case
that goes to nobody is not read.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import structlog

from cases import events as e
from cases.assisting import assisted
from cases.store.log import Append
from cases.vocabulary import MACHINE, Status
from pipelines.assistant.calling import answer, view_of
from pipelines.assistant.helps import SPECS
from pipelines.house import House
from pipelines.stages.work import NOTHING, Item, Outcome, asked_again, case_of

log = structlog.get_logger()


def assist(batch: Sequence[Item], house: House) -> list[Outcome]:
    """Several cases at once: each mostly waits."""
    with ThreadPoolExecutor(min(len(batch), house.settings.llm_at_once), "assistant") as pool:
        return list(pool.map(lambda item: _assist(item, house), batch))


def _assist(item: Item, house: House) -> Outcome:
    """A question that fails leaves what was said to the others: they were paid for. It is tried again with all of them
    only where nothing came of any.
    """
    if asked_again(item):
        return NOTHING
    case = case_of(item)
    view = view_of(house, case, item.entries)
    if house.assistant is None or view is None or case.status is Status.CLOSED:
        return NOTHING
    written: list[e.Written] = []
    for spec in SPECS.values():
        for question in spec.by_itself(view):
            try:
                made = answer(house.assistant, view, spec, now=house.now(), question=question)
            except Exception as error:
                if not written:
                    raise
                log.warning("assist.failed", stream=case.id, help=spec.task, error=type(error).__name__)
                continue
            for event in made.events if made is not None else ():
                written.append(event)
                view = replace(view, case=replace(view.case, assisted=assisted(view.case.assisted, event)))
    return Outcome((Append(case.id, [(event, MACHINE) for event in written], house.now()),)) if written else NOTHING
