"""A house for tests of channels: as those of the pipelines have it."""

from tests.pipelines.conftest import clock, decoder, house, journeys, open_house, texts  # noqa: F401  # fixtures
