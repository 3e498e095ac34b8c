"""Settings that nothing can be opened with: all of them at once, by name and with the mend, and never their values."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from cases.errors import CaseError
from cases.store.keys import LEAST_SECRET
from configs.settings import Settings
from pipelines.hook_signatures import is_private, keys_of

ESCAPED = "with @ : / ; in a password as %40 %3A %2F %3B"
MAKE_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"  # noqa: S105  # how to make one
MAKE_SIGNING_SECRET = "echo whsec_$(head -c 32 /dev/urandom | base64)"  # noqa: S105  # as above
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")


@dataclass(frozen=True, slots=True)
class Unusable:
    """about: the setting, as it is called in `Settings`."""

    about: str
    says: str
    mend: str

    def __str__(self) -> str:
        return f"CASEWRIGHT_{self.about.upper()}: {self.says}; {self.mend}"


class SettingsRefused(CaseError):
    def __init__(self, found: Sequence[Unusable]) -> None:
        super().__init__("\n".join(map(str, found)))


def refuse_unusable(settings: Settings) -> None:
    """Raises SettingsRefused, with a line for each."""
    found = list(unusable(settings))
    if found:
        raise SettingsRefused(found)


def unusable(settings: Settings) -> Iterator[Unusable]:
    """Nothing is asked of the parts that the settings point to."""
    yield from _secret(settings)
    yield from _database(settings)
    yield from _addresses(settings)
    yield from _proxies(settings)
    if settings.seal_file is not None and not settings.seal_file.is_file():
        yield Unusable("seal_file", "there is no such file", "name a PKCS#12 file with key and certificate")


def make_home(home: Path) -> None:
    """For its owner only when it is made here: what people sent lies in it. Raises SettingsRefused."""
    mend = "make it writable for the user that runs this, or name another folder"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsRefused([Unusable("home", f"{home} cannot be made ({error.strerror})", mend)]) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsRefused([Unusable("home", f"nothing can be written in {home}", mend)])


def _secret(settings: Settings) -> Iterator[Unusable]:
    if settings.secret is not None and len(settings.secret.get_secret_value().encode()) < LEAST_SECRET:
        yield Unusable("secret", f"it is shorter than {LEAST_SECRET} bytes", f"set it to the output of: {MAKE_SECRET}")


def _database(settings: Settings) -> Iterator[Unusable]:
    try:
        url = make_url(settings.database)
        fits = url.drivername in _DRIVERS and (url.get_backend_name() == "postgresql" or _is_file(url.database))
    except (ArgumentError, ValueError):
        fits = False
    if not fits:
        yield Unusable(
            "database_url", "it is no address of a database that is known here",
            f"write postgresql+psycopg://user:password@host/name, {ESCAPED}, or sqlite:////folder/file.db",
        )  # fmt: skip


def _is_file(database: str | None) -> bool:
    return bool(database) and database != ":memory:"  # which threads would not share


def _addresses(settings: Settings) -> Iterator[Unusable]:
    broker, blobs, post = settings.broker_url, settings.blob_url, settings.smtp_url
    if broker is not None and not all(
        _leads(one, ("amqp", "amqps", "pyamqp", "redis", "rediss", "sentinel")) for one in broker.split(";")
    ):
        yield Unusable("broker_url", "it is no address of a broker that is known here",
                       f"write amqps://user:password@host:5671/vhost or rediss://host:6379/0, {ESCAPED}")  # fmt: skip
    if blobs is not None and not _leads(blobs, ("s3",)):
        yield Unusable("blob_url", "it names no bucket", "write s3://bucket or s3://bucket/prefix")
    if post is not None and not _leads(post, ("smtp", "smtps")):
        yield Unusable("smtp_url", "it is no address of a mail server",
                       f"write smtp://host:port or smtps://user:password@host:port, {ESCAPED}")  # fmt: skip
    if settings.imap_url is not None and not _leads(settings.imap_url, ("imap", "imaps")):
        yield Unusable("imap_url", "it is no address of a mailbox",
                       f"write imaps://user:password@host/INBOX, {ESCAPED}")  # fmt: skip
    if settings.lmtp_listen is not None and not all(read_place(settings.lmtp_listen)):
        yield Unusable("lmtp_listen", "it is no host with a port", "write 127.0.0.1:2424")
    yield from _texts(settings)
    if not _leads(settings.public_url, ("http", "https")):
        yield Unusable("public_url", "links to it would lead nowhere", "write https://host")
    if settings.seal_time_url is not None and not _leads(settings.seal_time_url, ("http", "https")):
        yield Unusable("seal_time_url", "it is no address of a time-stamp server", "write https://host/path")
    if settings.otel_url is not None and not _leads(settings.otel_url, ("http", "https")):
        yield Unusable("otel_url", "it is no address of a collector", "write http://host:4318")


def _texts(settings: Settings) -> Iterator[Unusable]:
    if settings.sms_url is not None and not is_private(settings.sms_url):
        yield Unusable("sms_url", "texts posted there could be read by others, or it is no address",
                       "write https://host/path, without a password (http only to this machine)")  # fmt: skip
    if settings.sms_url is not None and settings.sms_secret is None:
        yield Unusable("sms_secret", "texts must be signed", f"set it to the output of: {MAKE_SIGNING_SECRET}")
    if settings.sms_secret is not None:
        try:
            keys_of(settings.sms_secret.get_secret_value())
        except ValueError as error:
            yield Unusable("sms_secret", str(error), "give the provider the same secret")


def _leads(url: str, schemes: Collection[str]) -> bool:
    """Whether it has one of these schemes, a host, and a port that is one if any."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_place(place: str) -> tuple[str, int]:
    """host:port as both; ("", 0) for what is no such thing."""
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return "", 0
    return (host or "", port or 0) if parts.netloc == place else ("", 0)


def _proxies(settings: Settings) -> Iterator[Unusable]:
    names = [name.strip() for name in settings.trusted_proxies.split(",") if name.strip()]
    if not all(name == "*" or _is_network(name) for name in names):
        yield Unusable("trusted_proxies", "not all of it are addresses or networks",
                       "write them by commas, for example 10.0.0.7,10.1.0.0/16")  # fmt: skip


def _is_network(name: str) -> bool:
    try:
        ip_network(name)
    except ValueError:
        return False
    return True
