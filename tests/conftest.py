"""What all tests share: the database they run on, and models of the shipped journeys, trained once."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from tests.homes import DATABASES, HOMES, SQLITE
from tests.servers import POSTGRES_BIN
from tests.trained_models import kept_models

os.environ.setdefault("OMP_NUM_THREADS", "1")
hypothesis.settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=DATABASES, default=SQLITE, help="what houses keep their cases in (default: %(default)s)"
    )


def pytest_configure(config: pytest.Config) -> None:
    HOMES.on = config.getoption("--database")


def pytest_unconfigure() -> None:
    HOMES.databases.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if HOMES.on_postgresql and POSTGRES_BIN is None:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="PostgreSQL is not installed: apt-get install postgresql"))


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture(autouse=True)
def database_goes_with_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Those of homes in the test's own folder. Comes before all other fixtures, so that houses are closed by then."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        HOMES.databases.drop_under(folder)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A folder of trained models to give to settings(home, models=…), so that no test trains them again."""
    return kept_models(tmp_path_factory.mktemp("models"), pytestconfig)
