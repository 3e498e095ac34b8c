"""Who writes to a customer reads by which way the letter leaves."""

import pytest

from api.pages.case_composer import composer_of
from api.pages.templating import open_pages
from api.routes.channels import PROVIDER
from pipelines.channels.sms.incoming import TEXT_TYPE
from pipelines.hand import folder_of
from pipelines.intake import Incoming, accept
from tests.pipelines.given import BAS, OpenHouse, by_form, case_of
from tests.sms_provider import SECRET, posted


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


def test_the_composer_says_that_a_customer_wants_no_texts(open_house: OpenHouse) -> None:
    with open_house(sms_url="https://texts.example.org/", sms_secret=SECRET) as house:
        case = case_of(house, by_form(house, sender="06-12345678").reference)
        for sender, unwanted in (("+31687654321", False), ("+31612345678", True)):
            body, _ = posted({"type": "text", "from": sender, "text": "STOP"}, at=house.now(), id_=sender)
            accept(Incoming(TEXT_TYPE, body, "sms", PROVIDER, house.now(), f"sms {sender}"), house=house)

            composer = composer_of(house, open_pages("en"), case, folder_of(house, case), by="anna", typed={})

            assert composer.unwanted is unwanted
        assert composer.channel.startswith("On the customer's page only")
