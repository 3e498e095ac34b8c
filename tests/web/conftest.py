"""The fixtures of this folder; they and their helpers live in web_house, which test modules can import by name."""

from web_house import clock, expert, house, opened, stranger

__all__ = ["clock", "expert", "house", "opened", "stranger"]
