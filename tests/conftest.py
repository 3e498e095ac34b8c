"""What all tests share: models of the shipped journeys, trained once a session."""

import os
from pathlib import Path

import pytest
import structlog

from configs.settings import Settings
from pipelines.runner import warm
from pipelines.wiring import opened

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of trained models to give to Settings(models=…), so that no test trains them again."""
    folder = tmp_path_factory.mktemp("models")
    with opened(Settings(home=tmp_path_factory.mktemp("training"), models=folder)) as house:
        warm(house)
    return folder
