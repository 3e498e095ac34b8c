"""The same house as the tests of the pipelines have."""

from tests.pipelines.conftest import clock, decoder, house, journeys, open_house, texts

__all__ = ["clock", "decoder", "house", "journeys", "open_house", "texts"]
