from cases.events import _KINDS, LANGUAGE, SCHEMAS, SINCE, since


def test_a_kind_that_nobody_changed_is_as_old_as_the_language() -> None:
    assert since("note_added") == 1


def test_the_language_is_as_new_as_its_newest_kind_or_schema() -> None:
    assert max(since(kind) for kind in _KINDS) <= LANGUAGE
    assert SINCE.keys() <= _KINDS.keys()
    assert SCHEMAS.keys() <= SINCE.keys(), "a kind with a new schema must say since when"
