"""What tests of the assistant's pages share: a loopback language model, and the house that asks it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pipelines.assistant.provider import Provider
from pipelines.house import House
from pipelines.llm import open_llm
from tests.llm_server import Asked, LlmServer, Says, llm_server

QUOTE = "barst in van 20 cm"


def source_with(asked: Asked, quote: str) -> str:
    """The id under which a text that holds this was sent."""
    return next(str(one["id"]) for one in json.loads(asked.given)["sources"] if quote in one["text"])


def lines(*told: tuple[str, str, str]) -> str:
    """An answer in sentences: text, id of the source, quote."""
    return json.dumps(
        {"lines": [{"text": text, "cites": [{"source": id_, "quote": quote}]} for text, id_, quote in told]}
    )


def answer(asked: Asked) -> Says:
    """A model that does as it is told, to each kind of question."""
    names = set(asked.body["response_format"]["json_schema"]["schema"]["properties"])
    if "facts" in names:
        fact = {"name": "can_drive", "value": "mijn voorruit", "source": "m1", "quote": "tegen mijn voorruit"}
        return Says(json.dumps({"facts": [fact]}))
    id_ = source_with(asked, QUOTE)
    held = (f"Er zit een {QUOTE} in de ruit.", id_, QUOTE)
    invented = ("Alles is al betaald.", id_, "u krijgt alles vergoed")
    return Says(lines(held, invented))


@contextmanager
def asking(house: House, answering: Callable[[Asked], Any] = answer, **more: Any) -> Iterator[tuple[House, LlmServer]]:
    """The house with a language model behind HTTP."""
    with llm_server(answering) as server:
        chosen = house.settings.model_copy(
            update={"llm_url": server.url, "llm_model": "tester", "llm_region": "house", "llm_seconds": 5.0, **more}
        )
        model = open_llm(chosen)
        assert model is not None
        yield replace(house, settings=chosen, assistant=Provider(chosen, model, house.database)), server
