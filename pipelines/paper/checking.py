"""Whether a PDF is still what was sealed, by whom, and whether the file in it is one that the log knows."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import orjson
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from cases.errors import NotFound
from cases.events import FilePackaged
from pipelines.house import House
from pipelines.paper.seal import FIELD, seal_of


@dataclass(frozen=True, slots=True)
class Checked:
    """holds: not a byte of it was changed. name: whom the certificate names. ours: it is this house's certificate.

    reference: of the case, as the attached file tells; blank without one. packaged_as: number of the event in that
    case's log that holds this very file's digest; None for a file that was made for one reader, or that is not ours.
    """

    holds: bool
    name: str = ""
    ours: bool = False
    reference: str = ""
    packaged_as: int | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    name: str
    certificate: bytes
    attached: bytes


def check(house: House, document: bytes) -> Checked:
    """Anybody's bytes may be given. Raises SealUnusable where the house's own seal cannot be opened."""
    ours = seal_of(house.settings, now=house.now()).signer.signing_cert
    read = _sealed_parts(document)
    if read is None:
        return Checked(holds=False)
    reference = _reference(read.attached)
    is_ours = ours is not None and read.certificate == ours.dump()
    return Checked(True, read.name, is_ours, reference, _packaged_as(house, reference, read.attached))


def _sealed_parts(document: bytes) -> _Read | None:
    """Name, certificate and attachment under a seal that holds for the whole document; None without one."""
    try:
        reader = PdfFileReader(io.BytesIO(document))
        [signature] = reader.embedded_signatures
        certificate = signature.signer_cert
        status = validate_pdf_signature(signature, ValidationContext(trust_roots=[certificate]))
        if not (status.intact and status.valid) or status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
            return None  # a certificate that ran out since does not change the document
        assert signature.field_name == FIELD
        subject: dict[str, Any] = certificate.subject.native
        return _Read(str(subject.get("common_name", "")), certificate.dump(), _attached(reader.root))
    except Exception:  # noqa: BLE001  # a reader stumbles over anything in strangers' bytes; this is the edge
        return None


def _attached(root: Any) -> bytes:
    data: bytes = root["/AF"][0]["/EF"]["/F"].data
    return data


def _reference(attached: bytes) -> str:
    try:
        return str(orjson.loads(attached)["reference"])
    except (ValueError, KeyError, TypeError):
        return ""


def _packaged_as(house: House, reference: str, attached: bytes) -> int | None:
    digest = hashlib.sha256(attached).hexdigest()
    try:
        with house.database.reading() as store:
            entries = store.history(store.case_id(reference))
    except NotFound:
        return None
    found = (one.seq for one in entries if isinstance(one.event, FilePackaged) and one.event.sha256 == digest)
    return next(found, None)
