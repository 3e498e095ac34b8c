"""What stands beside the log: messages, people, links, certificates, ledgers of likeness."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from store_builders import NOW, on, opened, run

from cases.errors import KeyReused, NotFound
from cases.store.certificates import Certificate
from cases.store.database import Database
from cases.store.likeness import NewVector, PhotoHash
from cases.store.links import Link
from cases.store.messages import MessageRecord
from cases.store.people import NameTaken, Token
from cases.vocabulary import Role

HOUR = timedelta(hours=1)
MESSAGE = MessageRecord("message-1", "digest-a", "webform", "shop", "key-1", "message-1", "received", None, NOW)


def test_a_repeat_under_the_same_key_gets_the_first_message(database: Database) -> None:
    with database.writing() as store:
        assert store.messages.add(MESSAGE) == MESSAGE
        assert store.messages.add(replace(MESSAGE, id="message-2")) == MESSAGE


def test_another_body_under_the_same_key_is_refused_but_not_from_another_caller(database: Database) -> None:
    with database.writing() as store:
        store.messages.add(MESSAGE)
        with pytest.raises(KeyReused, match="key-1"):
            store.messages.add(replace(MESSAGE, id="message-2", raw_digest="digest-b"))
        other = store.messages.add(replace(MESSAGE, id="message-3", raw_digest="digest-b", caller="app"))

    assert other.id == "message-3"


def test_messages_without_a_key_are_never_repeats(database: Database) -> None:
    with database.writing() as store:
        store.messages.add(replace(MESSAGE, idempotency_key=None))
        store.messages.add(replace(MESSAGE, idempotency_key=None, id="message-2"))

    with database.reading() as store:
        assert store.messages.get("message-2").id == "message-2"
        with pytest.raises(NotFound):
            store.messages.get("message-3")


def test_a_message_gets_its_case_and_state(database: Database) -> None:
    with database.writing() as store:
        store.messages.add(MESSAGE)
        store.messages.set_case("message-1", "case-1")
        store.messages.set_state("message-1", "read")
        store.append("case-1", [opened()], at=NOW)

    with database.reading() as store:
        assert store.messages.of_case("case-1") == [replace(MESSAGE, case_id="case-1", state="read")]


def test_a_message_of_a_case_that_never_comes_is_not_committed(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as store:
        store.messages.add(replace(MESSAGE, case_id="case-9"))

    with database.reading() as store:
        assert store.messages.find("shop", "key-1") is None


def test_a_session_opens_until_it_ends_or_its_user_is_disabled(database: Database) -> None:
    with database.writing() as store:
        store.people.add_user("hanna", [Role.HANDLER, Role.LEAD], "hash", at=NOW, lines=["general", "travel"])
        store.people.add_session("secret", "hanna", at=NOW, expires_at=NOW + HOUR)
        user = store.people.session("secret", now=NOW)

        assert user is not None
        assert (user.roles, user.lines) == ((Role.HANDLER, Role.LEAD), ("general", "travel"))
        assert store.people.session("Secret", now=NOW) is None
        assert store.people.session("secret", now=NOW + HOUR) is None
        store.people.disable("hanna", at=NOW)
        store.people.enable("hanna")
        assert store.people.session("secret", now=NOW) is None


def test_names_are_given_once(database: Database) -> None:
    with database.writing() as store:
        store.people.add_user("hanna", [Role.EXPERT], "hash", at=NOW)
        store.people.add_token("t1", "shop", ["messages:write"], at=NOW)

        with pytest.raises(NameTaken, match="hanna"):
            store.people.add_user("hanna", [Role.EXPERT], "hash", at=NOW)
        with pytest.raises(NameTaken, match="shop"):
            store.people.add_token("t2", "shop", [], at=NOW)
        with pytest.raises(NotFound, match="henk"):
            store.people.disable("henk", at=NOW)
        assert [user.name for user in store.people.users()] == ["hanna"]


def test_a_token_opens_its_scopes_until_it_expires_or_is_revoked(database: Database) -> None:
    with database.writing() as store:
        store.people.add_token("t1", "shop", ["messages:write"], at=NOW, expires_at=NOW + HOUR)

        assert store.people.token("t1", now=NOW) == Token("shop", ("messages:write",), NOW + HOUR)
        assert store.people.token("t1", now=NOW + HOUR) is None
        store.people.revoke_token("shop", at=NOW)
        assert store.people.token("t1", now=NOW) is None
        with pytest.raises(NotFound):
            store.people.revoke_token("shop", at=NOW)


@on("sqlite")
def test_secrets_are_in_no_file(database: Database, file: Path) -> None:
    with database.writing() as store:
        store.people.add_user("hanna", [Role.EXPERT], "hash", at=NOW)
        store.people.add_session("session-secret", "hanna", at=NOW, expires_at=NOW + HOUR)
        store.people.add_token("token-secret", "shop", [], at=NOW)

    everything = b"".join(part.read_bytes() for part in file.parent.glob("cases.db*"))
    assert b"hanna" in everything
    assert b"-secret" not in everything


def test_tries_are_counted_by_key_and_window_and_forgotten(database: Database) -> None:
    with database.writing() as store:
        assert [store.people.hit("login hanna", window=NOW) for _ in range(3)] == [1, 2, 3]
        assert store.people.hit("login henk", window=NOW) == 1
        assert store.people.hit("login hanna", window=NOW + HOUR) == 1
        store.people.forget(before=NOW + HOUR)
        assert store.people.hits("login hanna", window=NOW) == 0
        assert store.people.hits("login hanna", window=NOW + HOUR) == 1


def test_a_link_is_kept_after_it_was_revoked_with_its_first_time(database: Database) -> None:
    link = Link("link-1", "case-1", "customer", "track", NOW + HOUR)
    with database.writing() as store:
        store.links.add(link)
        store.append("case-1", [opened()], at=NOW)
        store.links.revoke("link-1", at=NOW)
        store.links.revoke("link-1", at=NOW + HOUR)

        assert store.links.get("link-1") == replace(link, revoked_at=NOW)
        assert store.links.of_case("case-1") == [replace(link, revoked_at=NOW)]
        assert store.links.get("link-2") is None
        with pytest.raises(NotFound):
            store.links.revoke("link-2", at=NOW)


CERTIFICATE = Certificate("cert-1", "home", "leak", 0.9, 0.01, 0.05, 1, "model", "rules", NOW)


def test_one_certificate_stands_for_a_topic_and_a_new_one_replaces_it(database: Database) -> None:
    with database.writing() as store:
        store.certificates.put(CERTIFICATE)
        store.certificates.put(replace(CERTIFICATE, id="cert-2", issued_at=NOW + HOUR))

        assert [one.id for one in store.certificates.open("home", "leak")] == ["cert-2"]
        first, _ = store.certificates.all("home")
        assert (first.shut_at, first.shut_because) == (NOW + HOUR, "replaced by cert-2")
        assert store.certificates.open("home", "fire") == []


def test_a_shut_topic_has_no_certificate(database: Database) -> None:
    with database.writing() as store:
        store.certificates.put(CERTIFICATE)

        assert store.certificates.shut("home", "leak", at=NOW, because="alarm")
        assert store.certificates.open("home", "leak") == []
        assert not store.certificates.shut("home", "leak", at=NOW, because="again")


def test_the_database_holds_one_open_certificate_a_topic(database: Database, url: str) -> None:
    with database.writing() as store:
        store.certificates.put(CERTIFICATE)

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        run(
            url,
            "INSERT INTO certificates SELECT 'cert-2', journey, topic, state, threshold, alpha, delta, attempt, "
            "model_digest, rules_digest, issued_at, shut_at, shut_because, share_raised_at FROM certificates",
        )


def test_vectors_are_read_on_from_the_last_one_seen(database: Database) -> None:
    with database.writing() as store:
        for number in range(3):
            store.append(f"case-{number}", [opened(f"C-{number}")], at=NOW)
        store.likeness.add_vectors([NewVector(f"case-{n}", "use", NOW, bytes([n, n])) for n in range(2)])
        seen = store.likeness.vectors_since(0, space="use")
        store.likeness.add_vectors([NewVector("case-2", "use", NOW, b"xy"), NewVector("case-2", "tfidf", NOW, b"z")])

        (new,) = store.likeness.vectors_since(seen[-1].id, space="use")
        assert [vector.vector for vector in seen] == [b"\0\0", b"\1\1"]
        assert (new.case_id, new.vector, new.closed_at) == ("case-2", b"xy", NOW)
        assert store.likeness.vectors_generation() == 0


def test_a_case_closed_again_replaces_its_vector_and_readers_start_anew(database: Database) -> None:
    with database.writing() as store:
        store.append("case-1", [opened()], at=NOW)
        store.likeness.add_vectors([NewVector("case-1", "use", NOW, b"a")])
        (first,) = store.likeness.vectors_since(0, space="use")
        store.likeness.add_vectors([NewVector("case-1", "use", NOW, b"b")])

        (second,) = store.likeness.vectors_since(0, space="use")
        assert (second.vector, second.id > first.id) == (b"b", True)
        assert store.likeness.vectors_generation() == 1


def test_photos_are_found_in_other_cases_by_bytes_or_pixels(database: Database) -> None:
    with database.writing() as store:
        for number in range(3):
            store.append(f"case-{number}", [opened(f"C-{number}")], at=NOW)
        photos = [
            PhotoHash("file-1", "case-0", "C-0", "bytes-a", "pixels-a", ("0f", "f0")),
            PhotoHash("file-1", "case-1", "C-1", "bytes-b", "pixels-a", ()),
            PhotoHash("file-1", "case-2", "C-2", "bytes-c", "pixels-c", ()),
        ]
        store.likeness.add_photos(photos)
        store.likeness.add_photos(photos[:1])

        same = store.likeness.same_photos(sha256="bytes-a", pixels_sha256="pixels-a", besides="case-0")
        assert [photo.reference for photo in same] == ["C-1"]
        known = store.likeness.photos_since(0)
        assert [(photo.case_id, photo.hashes) for photo in known][:1] == [("case-0", ("0f", "f0"))]
        assert len(known) == 3
        assert store.likeness.photos_since(known[1].id) == known[2:]
