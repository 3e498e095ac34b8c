"""The seal: it holds for the document as it was made, and for no other."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from asn1crypto import keys, tsp, x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509 import CertificateBuilder, ExtendedKeyUsage, Name, NameAttribute
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import attached_to, catalogue, metadata, printed, text_of
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from configs.settings import Settings
from pipelines.paper.errors import SealUnusable
from pipelines.paper.own_certificate import make, own_certificate
from pipelines.paper.seal import FIELD, seal_of, sealed
from tests.domain.dossiers import LIVES, file

NOW = datetime.now(UTC)
REASON = "Decision file C-2026-000001, as it stood"


@pytest.fixture(scope="module")
def plain() -> bytes:
    return printed(file(LIVES["just opened"]))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sealing")


@pytest.fixture(scope="module")
def document(plain: bytes, home: Path) -> bytes:
    return sealed(plain, seal_of(Settings(home=home), now=NOW), reason=REASON)


def looked_at(document: bytes, home: Path) -> PdfSignatureStatus:
    """What a validator says that trusts the certificate of this home."""
    certificate = pkcs12.load_pkcs12(own_certificate(home, now=NOW), None).cert
    assert certificate is not None
    root = x509.Certificate.load(certificate.certificate.public_bytes(Encoding.DER))
    [signature] = PdfFileReader(BytesIO(document)).embedded_signatures
    return validate_pdf_signature(signature, ValidationContext(trust_roots=[root]))


def test_the_seal_validates_over_the_whole_document_and_allows_no_change(document: bytes, home: Path) -> None:
    status = looked_at(document, home)

    assert status.bottom_line
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    [signature] = PdfFileReader(BytesIO(document)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.docmdp_level is not None
    assert signature.docmdp_level.name == "NO_CHANGES"


def test_sealing_only_appends(document: bytes, plain: bytes) -> None:
    assert document.startswith(plain)
    assert attached_to(document) == attached_to(plain)
    assert text_of(document) == text_of(plain)


def test_a_sealed_document_claims_what_the_plain_one_claims_and_is_tagged(document: bytes, plain: bytes) -> None:
    said, root = metadata(document), catalogue(document)

    assert said == metadata(plain)
    assert "<pdfuaid:part>1<" in said
    assert bool(root["/MarkInfo"]["/Marked"])
    assert "/NeedAppearances" not in root["/AcroForm"]


def test_the_seals_mark_is_printed_outside_the_page_and_has_words(document: bytes) -> None:
    field = catalogue(document)["/AcroForm"]["/Fields"][0].get_object()

    assert field["/T"] == FIELD
    assert field["/TU"] == REASON
    assert all(float(edge) < 0 for edge in field["/Rect"])
    assert int(field["/F"]) & 0b111 == 0b100  # printed, neither hidden nor invisible


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_one_flipped_bit_is_detected(document: bytes, home: Path, data: st.DataObject) -> None:
    [signature] = PdfFileReader(BytesIO(document)).embedded_signatures
    first, length, second, rest = (int(n) for n in signature.byte_range)
    at = data.draw(st.one_of(st.integers(first, length - 1), st.integers(second, second + rest - 1)))
    changed = bytearray(document)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))

    assert not holds(bytes(changed), home)


def holds(document: bytes, home: Path) -> bool:
    """Whether the validator calls it good; what it cannot even read is not good."""
    try:
        return bool(looked_at(document, home).bottom_line)
    except Exception:  # noqa: BLE001  # a reader may stumble over anything in a broken document
        return False


def test_what_is_appended_later_is_detected(document: bytes, home: Path) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(document))
    writer.root["/Lang"] = writer.root["/Lang"].__class__("xx")
    writer.update_root()  # type: ignore[no-untyped-call]
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]

    assert not holds(out.getvalue(), home)


def test_the_own_certificate_is_made_once_is_private_and_says_what_it_is(home: Path) -> None:
    first = seal_of(Settings(home=home), now=NOW)
    again = seal_of(Settings(home=home), now=NOW)

    assert (first.own, first.name) == (True, again.name)
    assert first.name.startswith("Casewright self-signed seal ")
    assert stat.S_IMODE((home / "seal.p12").stat().st_mode) == 0o600


@pytest.fixture
def given_file(tmp_path: Path) -> Path:
    """A PKCS#12 file with a password, as an organisation has it."""
    key, cert, _ = pkcs12.load_key_and_certificates(make(now=NOW), None)
    assert cert is not None
    path = tmp_path / "organisation.p12"
    data = pkcs12.serialize_key_and_certificates(b"x", key, cert, None, BestAvailableEncryption(b"geheim"))  # type: ignore[arg-type]
    path.write_bytes(data)
    return path


def test_a_given_certificate_seals_and_none_is_made(given_file: Path, tmp_path: Path, plain: bytes) -> None:
    chosen = Settings(home=tmp_path / "home", seal_file=given_file, seal_password="geheim")

    seal = seal_of(chosen, now=NOW)

    assert not seal.own
    assert b"/ETSI.CAdES.detached" in sealed(plain, seal, reason=REASON)
    assert not (tmp_path / "home").exists()


def test_a_seal_that_cannot_be_opened_is_refused_with_the_mend(given_file: Path, tmp_path: Path) -> None:
    wrong = Settings(home=tmp_path, seal_file=given_file, seal_password="guessed")
    missing = Settings(home=tmp_path, seal_file=tmp_path / "nowhere.p12")
    (tmp_path / "seal.p12").write_bytes(b"half a fi")

    for chosen, mend in (
        (wrong, "CASEWRIGHT_SEAL_PASSWORD opens"),
        (missing, "CASEWRIGHT_SEAL_FILE names no"),
        (Settings(home=tmp_path), "move it away and another one is made"),
    ):
        with pytest.raises(SealUnusable, match=mend):
            seal_of(chosen, now=NOW)


@pytest.fixture
def time_server() -> Iterator[str]:
    """A real server on this machine that stamps what it is asked to."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = Name([NameAttribute(NameOID.COMMON_NAME, "Clock")])
    cert = (
        CertificateBuilder(name, name, private.public_key(), 1, NOW, NOW + timedelta(days=1))
        .add_extension(ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(private, SHA256())
    )
    stamper = DummyTimeStamper(
        tsa_cert=x509.Certificate.load(cert.public_bytes(Encoding.DER)),
        tsa_key=keys.PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
    )

    class Stamping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Stamping)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_time_stamp_is_asked_for_where_a_server_is_named(time_server: str, home: Path, plain: bytes) -> None:
    seal = seal_of(Settings(home=home, seal_time_url=time_server), now=NOW)

    stamped = sealed(plain, seal, reason=REASON)

    status = looked_at(stamped, home)
    assert status.intact
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.intact


def test_without_an_answer_of_the_time_server_nothing_is_sealed(home: Path, plain: bytes) -> None:
    seal = seal_of(Settings(home=home, seal_time_url="http://127.0.0.1:9/"), now=NOW)

    with pytest.raises(SealUnusable, match="time-stamp server of CASEWRIGHT_SEAL_TIME_URL gave no time stamp"):
        sealed(plain, seal, reason=REASON)
