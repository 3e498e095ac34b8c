import pytest

from api.commands.serve import reached_at
from configs.settings import Settings


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8055"),
        ("0.0.0.0", "http://127.0.0.1:8055"),
        ("cases.lan", "http://cases.lan:8055"),
    ],
)
def test_links_lead_to_where_the_server_listens(host: str, url: str) -> None:
    assert reached_at(Settings(), host, 8055).public_url == url


def test_links_lead_to_the_address_that_was_set() -> None:
    given = Settings(public_url="https://cases.example.org")

    assert reached_at(given, "127.0.0.1", 8055).public_url == "https://cases.example.org"
