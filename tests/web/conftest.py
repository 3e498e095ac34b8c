"""The fixtures of this folder; they and their helpers live in web_house, which test modules can import by name."""

from web_house import clock, decoder, expert, house, lines, opened, stranger, texts

__all__ = ["clock", "decoder", "expert", "house", "lines", "opened", "stranger", "texts"]
