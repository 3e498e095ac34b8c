"""Forms between the door and the reader: held once, under bounds, and never needed."""

from pipelines.channels.parsed import Attachment, ParsedMessage
from pipelines.recent import RecentForms


def _form(text: str, *, photo_bytes: int = 0) -> ParsedMessage:
    photo = Attachment("p.jpg", "image/jpeg", b"x" * photo_bytes)
    return ParsedMessage("a@example.org", "", "", text, attachments=(photo,) if photo_bytes else ())


def test_a_form_is_handed_out_once() -> None:
    forms = RecentForms()
    forms.put("message-1", _form("hello"))

    assert forms.take("message-1") == _form("hello")
    assert forms.take("message-1") is None


def test_the_oldest_forms_make_room_by_number() -> None:
    forms = RecentForms(size=2)
    for number in range(3):
        forms.put(f"message-{number}", _form(str(number)))

    assert [forms.take(f"message-{number}") is not None for number in range(3)] == [False, True, True]


def test_the_oldest_forms_make_room_by_weight() -> None:
    forms = RecentForms(room=100)
    forms.put("message-1", _form("one", photo_bytes=60))
    forms.put("message-2", _form("two", photo_bytes=40))
    forms.put("message-3", _form("three", photo_bytes=41))

    assert forms.take("message-1") is None
    assert forms.take("message-2") is not None
    assert forms.take("message-3") is not None


def test_room_that_was_taken_back_is_free_again() -> None:
    forms = RecentForms(room=100)
    forms.put("message-1", _form("one", photo_bytes=100))
    forms.take("message-1")
    forms.put("message-2", _form("two", photo_bytes=100))

    assert forms.take("message-2") is not None


def test_a_form_over_the_room_is_not_held_and_drives_no_other_out() -> None:
    forms = RecentForms(room=100)
    forms.put("message-1", _form("one", photo_bytes=100))
    forms.put("message-2", _form("two", photo_bytes=101))

    assert forms.take("message-2") is None
    assert forms.take("message-1") is not None
