"""The seal on a document: one PAdES signature of the house over all its bytes, after which nothing may change."""

import io
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import TimestampRequestError

from configs.settings import Settings
from pipelines.paper.errors import SealUnusable
from pipelines.paper.own_certificate import own_certificate
from pipelines.paper.time_stamps import HttpTimeStamps

FIELD = "Seal"
#: Outside the page: PDF/UA wants what is seen in the structure, and PDF/A forbids hiding it. The document tells of it.
_UNSEEN = InvisSigSettings(set_print_flag=True, box_out_of_bounds=True)


class _Appending(IncrementalPdfFileWriter):
    """Leaves what the document says of itself as it was checked: rewritten, it would claim PDF/A in another form."""

    def _update_meta(self) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Who seals. own: with a certificate that the house made itself, which proves no name."""

    name: str
    own: bool
    signer: SimpleSigner
    time_stamps: HttpTimeStamps | None = None


def seal_of(settings: Settings, *, now: datetime) -> Seal:
    """From CASEWRIGHT_SEAL_FILE, else with the certificate that was made once under home. Raises SealUnusable."""
    own = settings.seal_file is None
    password = settings.seal_password.get_secret_value().encode() if settings.seal_password and not own else None
    try:
        data = settings.seal_file.read_bytes() if settings.seal_file else own_certificate(settings.home, now=now)
        certificate = pkcs12.load_pkcs12(data, password).cert
        signer = SimpleSigner.load_pkcs12_data(data, other_certs=(), passphrase=password)
    except (OSError, ValueError) as error:
        raise SealUnusable(_mend(own=own)) from error
    if certificate is None:
        raise SealUnusable(_mend(own=own))
    names = certificate.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else certificate.certificate.subject.rfc4514_string()
    stamps = HttpTimeStamps(settings.seal_time_url) if settings.seal_time_url else None
    return Seal(name, own, signer, stamps)


def _mend(*, own: bool) -> str:
    if own:
        return "seal.p12 under CASEWRIGHT_HOME cannot be read; move it away and another one is made"
    return "CASEWRIGHT_SEAL_FILE names no PKCS#12 file with key and certificate that CASEWRIGHT_SEAL_PASSWORD opens"


def sealed(document: bytes, seal: Seal, *, reason: str) -> bytes:
    """The document with one seal more, appended: its own bytes stay as they were. Raises SealUnusable."""
    writer = _Appending(io.BytesIO(document))
    told = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
        name=seal.name,
    )
    field = SigFieldSpec(FIELD, invis_sig_settings=_UNSEEN, readable_field_name=reason)
    signer = PdfSigner(told, seal.signer, timestamper=seal.time_stamps, new_field_spec=field)
    out = io.BytesIO()
    try:
        signer.sign_pdf(writer, output=out)
    except TimestampRequestError as error:
        raise SealUnusable("the time-stamp server of CASEWRIGHT_SEAL_TIME_URL gave no time stamp") from error
    except (SigningError, PdfError) as error:
        raise SealUnusable("its key signs nothing here; give an RSA or elliptic curve key") from error
    return out.getvalue()
