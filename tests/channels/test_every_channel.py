"""One door out, and every channel keeps the same promises."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

import pipelines
from cases.case import Case
from cases.events import LetterWritten
from cases.vocabulary import CHANNELS, Effect
from configs.settings import Settings
from pipelines.communication.channel import Channel
from pipelines.communication.service import channels
from pipelines.counters import ACCEPTED
from pipelines.journeys import load_words
from pipelines.ports import LetterUndeliverable

FOLDER = Path(pipelines.__file__).parent / "channels"
NOBODY = LetterWritten("case-1.1", "received", Effect.INFORM, "nl", "", "Uw melding", "Beste klant")
SENDING = [name for name, channel in channels().items() if channel.sends]


@pytest.fixture(params=sorted(channels()))
def channel(request: pytest.FixtureRequest) -> Channel:
    return channels()[str(request.param)]


def test_each_folder_of_channels_is_one_and_is_named_after_it() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}

    assert set(channels()) == folders
    assert "email" in folders


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_way_in_is_counted_can_be_chosen_in_the_queue_and_has_a_name_there(language: str) -> None:
    words = load_words((language,))[language]

    assert {name for name, channel in channels().items() if channel.receives} <= set(CHANNELS)
    assert set(ACCEPTED.known) == set(CHANNELS)
    assert all(f"desk.channel.{name}" in words for name in CHANNELS)


def test_a_channel_receives_or_sends(channel: Channel) -> None:
    assert channel.receives or channel.sends


def test_a_channel_tells_from_settings_alone_whether_it_is_ready(channel: Channel, tmp_path: Path) -> None:
    assert channel.ready(Settings(home=tmp_path)) in (True, False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SENDING)
def test_a_customer_whom_a_channel_does_not_reach_is_refused_with_a_reason(name: str) -> None:
    sending = channels()[name].sending
    assert sending is not None
    nobody = Case("case-1", opened_at=datetime(2026, 11, 17, tzinfo=UTC))

    with pytest.raises(LetterUndeliverable) as refused:
        sending.address(nobody, NOBODY)

    assert str(refused.value)


def test_nobody_but_the_communication_service_sends_and_nobody_but_the_channel_of_mail_has_its_post() -> None:
    """Imports are held by a contract in pyproject.toml; these are the two values that are handed about."""
    doors = {"sending": ("pipelines/communication/",), "post": ("pipelines/channels/email/", "pipelines/wiring.py")}
    root = FOLDER.parent.parent

    elsewhere = [
        f"{file.relative_to(root)}:{node.lineno} uses .{node.attr}"
        for package in ("api", "pipelines")
        for file in (root / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Attribute)
        and (node.attr == "sending" or (node.attr == "post" and ast.unparse(node.value) == "house"))
        and not str(file.relative_to(root)).startswith(doors[node.attr])
    ]

    assert elsewhere == []
