"""A certificate for houses that were given none: made once, kept under home, and saying of itself what it is."""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from pipelines.files import write_first

NAME = "seal.p12"
LASTS = timedelta(days=3650)
SLACK = timedelta(days=1)  # for readers whose clock is behind


def own_certificate(home: Path, *, now: datetime) -> bytes:
    """PKCS#12 without a password, readable by its owner only, as the secret beside it is."""
    path = home / NAME
    if not path.exists():
        write_first(path, make(now=now))
    return path.read_bytes()


def make(*, now: datetime) -> bytes:
    """A P-256 key with a certificate that it signed itself, good for signatures and for nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Casewright self-signed seal {serial:x}"[:44])])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), serial, now - SLACK, now + LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, NoEncryption())
