"""Photos and mails in a real browser: their pictures load, nothing from elsewhere does, and everybody can use them."""

from email.message import EmailMessage

import pytest
from axe_playwright_python.sync_playwright import Axe
from in_a_browser import RULES, browser, pytestmark, site, window
from playwright.sync_api import Browser
from web_house import photo

from api.signing_in import login_path
from pipelines.house import House
from pipelines.intake import Incoming, accept
from pipelines.runner import drain

__all__ = ["browser", "pytestmark", "site"]
LOADED = "all => all.map(one => one.naturalWidth > 0)"


@pytest.mark.parametrize(("size", "theme"), [("phone", "dark"), ("desk", "light")])
def test_a_mail_and_its_photos_are_shown_without_a_script_and_load_nothing_from_elsewhere(
    house: House, browser: Browser, site: str, *, size: str, theme: str
) -> None:
    reference = _mailed(house)
    asked: list[str] = []
    with window(browser, size, color_scheme=theme) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(site + login_path(house, "anouk"))
        page.goto(f"{site}/cases/{reference}/as-sent")
        page.frame_locator("iframe").locator("h1").wait_for()
        page.wait_for_load_state("networkidle")
        frame = page.frames[1]

        assert frame.locator("img[src]").evaluate_all(LOADED) == [True, True]
        assert frame.locator("body").inner_text().startswith("Barst in mijn voorruit")
        for path in ("as-sent", "notes", "compare", "photos/{photo}/view?zoom=2"):
            address = path.format(photo=_first_photo(house, reference))
            page.goto(f"{site}/cases/{reference}/{address}")
            page.wait_for_load_state("networkidle")

            found = Axe().run(page, options={"runOnly": RULES["runOnly"]})
            assert found.response["violations"] == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert all(page.locator("main img").evaluate_all(LOADED)), path
    assert all(url.startswith(site) for url in asked)


def _mailed(house: House) -> str:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Fatima <fatima@example.org>", "schade@example.org", "Ster in ruit"
    mail.set_content("Er zit een barst in mijn voorruit, kenteken GX-482-B.")
    mail.add_alternative(
        '<h1>Barst in mijn voorruit</h1><img src="cid:a@mail" alt="ruit"><img src="cid:b@mail" alt="auto">'
        '<img src="https://evil.example/pixel.gif"><style>@import url(https://evil.example/a.css)</style>',
        subtype="html",
    )
    page = mail.get_payload()[1]  # type: ignore[index]
    for name in ("a", "b"):
        page.add_related(photo(), "image", "jpeg", cid=f"<{name}@mail>", filename=f"{name}.jpg")  # type: ignore[union-attr]
    incoming = Incoming("message/rfc822", mail.as_bytes(), "email", "x@example.org", house.now(), journey="motor_claim")
    receipt = accept(incoming, house=house)
    drain(house)
    return str(receipt.reference)


def _first_photo(house: House, reference: str) -> str:
    with house.database.reading() as store:
        return store.case(store.case_id(reference)).files[0].id
