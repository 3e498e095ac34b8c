"""What the tests of the pipelines begin with: a house of their own, a clock to move, photos, mails and forms."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from cases.case import Case, Entry, fold
from cases.store.certificates import Certificate
from pipelines.decoding import Decoder
from pipelines.evidence import serving
from pipelines.house import House
from pipelines.intake import Accepted, Incoming, accept
from pipelines.journeys import Journeys
from pipelines.runner import drain
from pipelines.standing import rules_digest
from pipelines.text_models import TextModels
from pipelines.wiring import furnish
from tests import homes

BAS = "bas.veenstra@example.org"  # policy with glass cover, running and paid
FATIMA = "fatima.el.idrissi@example.org"  # tenant without a service plan
BOUNDARY = "----casewright-test"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
MAIL = "message/rfc822"
Files = Sequence[tuple[str, bytes]]
OpenHouse = Callable[..., AbstractContextManager[House]]

WINDSCREEN = (
    "Goedemorgen, onderweg naar kantoor kwam er een steentje tegen mijn voorruit. Er zit een ster in het glas, "
    "schuin onder de spiegel. Het gaat om de Polo met kenteken 79-KXF-6. Waar kan ik terecht voor herstel?"
)


class Clock:
    """House time that a test may move; it does not run by itself."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


@contextmanager
def opened_house(
    home: Path, models: Path, *, clock: Clock, journeys: Journeys, texts: TextModels, decoder: Decoder, **settings: Any,
) -> Iterator[House]:  # fmt: skip
    """A whole house; journeys, models and decoder are shared with others, and stay open for them."""
    chosen = homes.settings(home, models=models, mail_domain="casewright.example", **settings)
    built = furnish(chosen, journeys)
    house = replace(built, now=clock, texts=texts, decoder=decoder)
    try:
        yield house
    finally:
        built.decoder.close()
        built.database.close()


def photo(seed: int = 1, size: tuple[int, int] = (640, 480), kind: str = "JPEG") -> bytes:
    """A sharp drawing; another seed is another picture."""
    dice = random.Random(seed)
    image = Image.new("RGB", size, tuple(dice.randrange(60, 240) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        corner = (dice.randrange(size[0]), dice.randrange(size[1]), dice.randrange(size[0]), dice.randrange(size[1]))
        draw.line(corner, fill=tuple(dice.randrange(256) for _ in range(3)), width=dice.randrange(2, 9))
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def dark_photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), (3, 3, 4)).save(out, "JPEG")
    return out.getvalue()


def form(fields: Mapping[str, str], files: Files = ()) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="{name}"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def mail(text: str = WINDSCREEN, *, sender: str = BAS, subject: str = "Voorruit", files: Files = (),
         headers: Mapping[str, str] | None = None) -> bytes:  # fmt: skip
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype="image", subtype="jpeg", filename=name)
    return message.as_bytes()


def by_form(
    house: House, text: str = WINDSCREEN, *, sender: str = BAS, files: Files = (), journey: str | None = "motor_claim",
    case_id: str | None = None, key: str | None = None, caller: str = "anonymous", **fields: str,
) -> Accepted:  # fmt: skip
    named = {"journey": journey} if journey else {}
    raw = form({"sender": sender, "name": "Bas Veenstra", "text": text, **named, **fields}, files)
    return accept(Incoming(FORM, raw, "webform", caller, house.now(), key, case_id=case_id), house=house)


def by_mail(house: House, raw: bytes, *, key: str | None = None, caller: str = "mailbox") -> Accepted:
    return accept(Incoming(MAIL, raw, "email", caller, house.now(), key), house=house)


def until_quiet(house: House, clock: Clock) -> None:
    """Drain, also what backs off, until nothing is due or waiting to be tried again."""
    while True:
        drain(house)
        with house.database.reading() as store:
            if store.work.at_rest(house.now()):
                return
        clock.forward(seconds=31)


def case_of(house: House, reference: str | None) -> Case:
    with house.database.reading() as store:
        return store.case(store.case_id(str(reference)))


def entries_of(house: House, reference: str | None) -> list[Entry]:
    with house.database.reading() as store:
        return store.history(store.case_id(str(reference)))


def kinds(house: House, reference: str | None) -> list[str]:
    return [entry.event.kind for entry in entries_of(house, reference)]


def certify(house: House, journey: str, topic: str, *, threshold: float = 0.0, number: int = 1) -> None:
    """A standing certificate of a topic under the present models and rules."""
    folder = house.journeys.get(journey)
    digest = serving(house, journey).digest
    certificate = Certificate(
        id=f"{journey}.{topic}.{number}", journey=journey, topic=topic, threshold=threshold,
        alpha=float(folder.journey.auto_close.alpha), delta=float(folder.journey.auto_close.delta), attempt=1,
        model_digest=digest, rules_digest=rules_digest(folder, topic), issued_at=house.now(),
    )  # fmt: skip
    with house.database.writing() as store:
        store.certificates.put(certificate)


def as_it_was(entries: Sequence[Entry], kind: str) -> Case:
    """The case just after its first event of that kind."""
    upto = next(i for i, entry in enumerate(entries) if entry.event.kind == kind)
    return fold("case-then", entries[: upto + 1])


def seen_before(case: Case) -> list[tuple[str, ...]]:
    """For each photo that was looked at, the references of other cases that hold it."""
    return [file.findings.reused_from for file in case.files if file.findings is not None]
