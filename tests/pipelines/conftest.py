"""A house for each test: a home of its own, one decoder and one set of models for all."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from configs.settings import Settings
from pipelines.decoding import Decoder
from pipelines.house import House
from pipelines.journeys import Journeys, load_journeys
from pipelines.text_models import TextModels
from tests.pipelines.broker_servers import broker, brokers, programs  # noqa: F401  # fixtures
from tests.pipelines.given import Clock, OpenHouse, opened_house


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder() as shared:
        yield shared


@pytest.fixture(scope="session")
def journeys() -> Journeys:
    return load_journeys(Settings())


@pytest.fixture(scope="session")
def texts(trained: Path, journeys: Journeys) -> TextModels:
    return TextModels(trained, journeys)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_house(  # noqa: PLR0917  # pytest passes them by name
    tmp_path: Path, trained: Path, clock: Clock, journeys: Journeys, texts: TextModels, decoder: Decoder
) -> OpenHouse:
    """Opens a house with settings of its own; always the same home."""
    return partial(opened_house, tmp_path, trained, clock=clock, journeys=journeys, texts=texts, decoder=decoder)


@pytest.fixture
def house(open_house: OpenHouse) -> Iterator[House]:
    with open_house() as built:
        yield built
