"""Who writes to a customer reads by which way the letter leaves."""

import pytest

from api.pages.case_composer import composer_of
from api.pages.templating import open_pages
from pipelines.hand import folder_of
from tests.pipelines.given import BAS, OpenHouse, by_form, case_of
from tests.sms_provider import SECRET


@pytest.mark.parametrize(
    ("sender", "with_texts", "told"),
    [
        (BAS, True, f"By e-mail to {BAS}"),
        ("06-12345678", True, "By text message"),
        ("06-12345678", False, "On the customer's page only"),
    ],
)
def test_the_composer_names_the_channel_that_reaches_the_customer(
    open_house: OpenHouse, sender: str, told: str, *, with_texts: bool
) -> None:
    texts = {"sms_url": "https://texts.example.org/", "sms_secret": SECRET} if with_texts else {}
    with open_house(**texts) as house:
        case = case_of(house, by_form(house, sender=sender).reference)

        composer = composer_of(house, open_pages("en"), case, folder_of(house, case), by="anna", typed={})

    assert composer.channel.startswith(told)
