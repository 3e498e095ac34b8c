"""A mail as it was sent: in a frame with a policy of its own, with its own pictures and nothing from elsewhere."""

from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient
from web_house import photo, signed_in

from pipelines.house import House
from pipelines.intake import Incoming, accept
from pipelines.runner import drain

INLINE = 43
HOSTILE = '<script>alert(1)</script><img src="https://evil.example/pixel.gif"><form action="https://evil.example">'


@pytest.fixture(scope="module")
def mailed(house: House) -> str:
    """A case that came by mail, with 43 pictures in its text and what no page should run."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Fatima <fatima@example.org>",
        "schade@example.org",
        "Ster <i>in</i> ruit",
    )
    mail.set_content("Er zit een barst in mijn voorruit, kenteken GX-482-B.")
    pictures = "".join(f'<img src="cid:p{n}@mail" alt="foto {n}">' for n in range(INLINE))
    mail.add_alternative(f"<h1>Barst in mijn voorruit</h1>{HOSTILE}{pictures}", subtype="html")
    page, data = mail.get_payload()[1], photo()  # type: ignore[index]
    for n in range(INLINE):
        page.add_related(data, "image", "jpeg", cid=f"<p{n}@mail>", filename=f"p{n}.jpg")  # type: ignore[union-attr]
    incoming = Incoming(
        "message/rfc822", mail.as_bytes(), "email", "fatima@example.org", house.now(), journey="motor_claim"
    )
    receipt = accept(incoming, house=house)
    drain(house)
    return str(receipt.reference)


def test_the_case_leads_to_the_mail_as_it_was_sent(expert: TestClient, mailed: str) -> None:
    page = expert.get(f"/cases/{mailed}").text

    assert f'<a href="/cases/{mailed}/as-sent?message=' in page
    assert f'<a href="/cases/{mailed}/as-sent?message=' in expert.get(f"/cases/{mailed}/conversation").text


def test_the_page_may_frame_our_own_and_the_frame_may_load_our_pictures_only(expert: TestClient, mailed: str) -> None:
    around, frame = expert.get(f"/cases/{mailed}/as-sent"), expert.get(f"/cases/{mailed}/as-sent/frame")

    assert around.headers["content-security-policy"].endswith("frame-src 'self'")
    assert "frame-ancestors 'none'" in around.headers["content-security-policy"]
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; img-src 'self'; style-src 'self';")
    assert "frame-ancestors 'self'; sandbox allow-same-origin" in policy
    assert "unsafe" not in policy
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"
    assert '<iframe class="mail" sandbox="allow-same-origin"' in around.text
    assert "Pictures from elsewhere were not loaded (1)" in around.text


def test_its_pictures_come_through_our_own_route_and_nothing_else_is_left(expert: TestClient, mailed: str) -> None:
    frame = expert.get(f"/cases/{mailed}/as-sent/frame").text
    sources = [part.split('"', 1)[0] for part in frame.split('<img src="')[1:]]

    assert "<h1>Barst in mijn voorruit</h1>" in frame
    assert len(set(sources)) == INLINE
    assert expert.get(sources[0]).headers["content-type"] == "image/jpeg"
    assert not any(word in frame for word in ("evil.example", "<script", "<form"))


def test_a_message_without_layout_is_shown_as_its_text(expert: TestClient, opened: dict[str, str]) -> None:
    page = expert.get(f"/cases/{opened['reference']}/as-sent")

    assert "has no layout of its own" in page.text
    assert "<iframe" not in page.text
    assert "as-sent?message=" not in expert.get(f"/cases/{opened['reference']}").text


@pytest.mark.parametrize("path", ["as-sent", "as-sent/frame"])
def test_mails_are_for_who_may_see_customers_of_the_line(house: House, mailed: str, path: str) -> None:
    assert signed_in(house, "sam").get(f"/cases/{mailed}/{path}").status_code == 404
    assert signed_in(house, "ada").get(f"/cases/{mailed}/{path}").status_code == 403
    assert signed_in(house, "anouk").get(f"/cases/{mailed}/{path}?message=message-other").status_code == 404
