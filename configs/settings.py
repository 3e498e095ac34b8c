"""Settings: one frozen class, read at the entry points from CASEWRIGHT_* variables and handed on as values."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

HERE = Path(__file__).parent


_LIKE = {
    "oidc_roles": '{"group": {"role": "handler", "lines": ["motor"]}}',
    "llm_models": '{"photos": "name-of-a-model-that-sees"}',
}


class OutsideGroup(BaseModel):
    """What people of one group at the organisation's provider may do here. lines: of business; "*" is every one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str  # a word of Role
    lines: Annotated[tuple[str, ...], Field(min_length=1)]
    team: str | None = None


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CASEWRIGHT_", frozen=True, extra="ignore")

    home: Path = Path("var")  # database, blobs, models, outbox and secret
    journeys: Annotated[tuple[Path, ...], NoDecode] = ()  # further journey folders, separated like PATH
    models: Path | None = None  # trained models; None: under home
    registers: Path = HERE / "demo" / "registers"  # one CSV file a register
    database_url: str | None = None  # postgresql+psycopg://user:password@host/name; None: SQLite under home
    broker_url: str | None = None  # amqp://… or redis://…; None: the work is done in the serving process
    blob_url: str | None = None  # s3://bucket/prefix; None: files under home
    secret: SecretStr | None = None  # None: made once and kept under home
    public_url: str = "http://127.0.0.1:8000"  # how customers reach the tracking page
    mail_domain: str = "casewright.invalid"  # right side of our Message-IDs
    mail_from: str = "cases@casewright.invalid"
    mail_host: str = ""  # authserv-id whose Authentication-Results we trust (RFC 8601); empty: none
    smtp_url: str | None = None  # smtp://user:password@host:port; None: letters become .eml files under home
    imap_url: str | None = None  # imaps://user:password@host/folder that mail comes in from, with casewright mail
    lmtp_listen: str | None = None  # host:port where a mail server delivers to, with casewright mail
    sms_url: str | None = None  # https://host/path of a provider that texts are posted to; None: no texts leave
    sms_secret: SecretStr | None = None  # whsec_… that texts are signed with, both ways; two apart by a space
    sms_kind: Literal["sms", "whatsapp"] = "sms"  # as what the provider sends them
    sms_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "NL"  # of telephone numbers that name none
    scan_folder: Path | None = None  # where scanned letters come in, with casewright post; None: none do
    scan_split: Literal["sheet", "sheet+blank"] = "sheet+blank"  # what ends a letter; both sides scanned: "sheet"
    print_folder: Path | None = None  # where letters to print are laid for a print office; None: none are
    handover_url: str | None = None  # https://host/path that takes orders; None: JSON files under home
    handover_secret: SecretStr | None = None  # whsec_… that orders are signed with; two apart by a space while changing
    desk_language: Annotated[str, Field(pattern="^[a-z]{2}$")] = "en"
    auto_close_alpha: Annotated[Decimal, Field(gt=0, le=Decimal("0.2"))] | None = None  # overrides every journey
    lease_seconds: Annotated[int, Field(ge=5, le=300)] = 30
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    batch: Annotated[int, Field(ge=1, le=1024)] = 64  # pieces of work at most; fewer while they take over a second
    job_seconds: Annotated[int, Field(ge=30, le=3600)] = 300  # a Celery worker's process is killed after so long
    decode_seconds: Annotated[int, Field(ge=1, le=120)] = 10
    text_encoders: Literal["use", "use+minilm"] = "use"  # of models trained from now on; the second is for English
    photo_encoder: Path | None = None  # ONNX file of a vision encoder; None: the backbone that comes with the house
    photo_encoder_style: Literal["openclip", "dinov2"] = "openclip"  # how that encoder wants its pixels
    photo_precision: Annotated[float, Field(ge=0.5, le=0.999)] = 0.9  # share right, from which a photo topic is heard
    audit_days: Annotated[int, Field(ge=1, le=90)] = 14  # an audit that nobody made in so many days counts as wrong
    report_hours: Annotated[int, Field(ge=1, le=720)] = 24  # a replay report so old does not publish a table any more
    retrain_days: Annotated[int, Field(ge=0, le=365)] = 7  # between trainings on people's decisions; 0: never by itself
    trusted_proxies: str = ""  # addresses or networks, by commas, whose X-Forwarded-For tells who calls
    chats_at_once: Annotated[int, Field(ge=1, le=20)] = 3  # chats that one person answers in at the same time
    anonymous_per_minute: Annotated[int, Field(ge=1)] = 60  # messages of one address without a token
    program_per_minute: Annotated[int, Field(ge=1)] = 6000  # messages of one token
    slow_after_seconds: Annotated[int, Field(ge=1)] = 900  # waiting work so old makes programs wait
    full_after_seconds: Annotated[int, Field(ge=1)] = 14_400  # and so old refuses everybody for a while
    waiting_seconds: Annotated[int, Field(ge=1)] = 300  # waiting work so old shows on /readyz
    least_free_mb: Annotated[int, Field(ge=0)] = 500  # less room under home shows on /readyz
    backup_seconds: Annotated[int, Field(ge=60)] = 3600  # pg_dump and pg_restore are ended after so long
    watch_from_loopback: bool = True  # callers of this machine may read /metrics; switch off behind a proxy on it
    otel_url: str | None = None  # http://host:4318: where traces go (OTLP over HTTP); None: none are made
    similar_exact_up_to: Annotated[int, Field(ge=0)] = 200_000  # more closed cases of a journey: a graph; 0: never
    link_days: Annotated[int, Field(ge=1)] = 180
    paper_seconds: Annotated[int, Field(ge=1, le=120)] = 30  # for setting one decision file as PDF
    seal_file: Path | None = None  # PKCS#12 with key and certificate that seal PDFs; None: made once under home
    seal_password: SecretStr | None = None  # opens that file
    seal_time_url: str | None = None  # https://host/path of a time-stamp server (RFC 3161); None: no time stamps
    oidc_issuer: str | None = None  # https://… of the organisation's OpenID provider; None: nobody comes in by it
    oidc_client_id: str | None = None  # what we are called there
    oidc_client_secret: SecretStr | None = None  # None: a public client, held by PKCE alone
    oidc_roles: Annotated[dict[str, OutsideGroup], NoDecode] = {}  # what a group there may do here, as JSON
    oidc_groups: str = "groups"  # the claim that names somebody's groups
    oidc_name: str = "preferred_username"  # the claim that a new account is named after
    oidc_scopes: str = "openid profile"  # what is asked for; some providers give groups only for a scope of theirs

    llm_url: str | None = None  # https://host/v1 of an OpenAI-compatible endpoint; None: no language model is asked
    llm_key: SecretStr | None = None  # of that endpoint; None: it asks for none
    llm_model: str = ""  # the model that is asked, by the endpoint's own name
    llm_models: Annotated[dict[str, str], NoDecode] = {}  # other models for some kinds of help, as JSON
    llm_region: str = ""  # where the endpoint works, like "eu": journeys name the regions that they allow
    llm_seconds: Annotated[float, Field(gt=0, le=120)] = 20  # for one answer, all tries together
    llm_tries: Annotated[int, Field(ge=1, le=5)] = 3
    llm_streams: bool = True  # whether the endpoint can stream its answers
    llm_case_tokens: Annotated[int, Field(ge=0)] = 60_000  # of all calls for one case
    llm_day_tokens: Annotated[int, Field(ge=0)] = 5_000_000  # of all calls of one day (UTC)
    llm_price_in: Annotated[Decimal, Field(ge=0)] = Decimal(0)  # of a million tokens that are sent, in euros
    llm_price_out: Annotated[Decimal, Field(ge=0)] = Decimal(0)  # and that are answered
    llm_at_once: Annotated[int, Field(ge=1, le=16)] = 4  # cases that one process asks about at the same time

    @field_validator("journeys", mode="before")
    @classmethod
    def _like_path(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part) for part in value.split(os.pathsep) if part)
        return value

    @field_validator("oidc_roles", "llm_models", mode="before")
    @classmethod
    def _as_json(cls, value: object, read: ValidationInfo) -> object:
        """Here, and not by pydantic, which would not say which variable it could not read."""
        try:
            return json.loads(value) if isinstance(value, str) else value
        except json.JSONDecodeError as error:
            raise ValueError(f"is no JSON; write like {_LIKE[str(read.field_name)]}") from error

    @property
    def model_root(self) -> Path:
        return self.models or self.home / "models"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'casewright.db'}"


def out_of_range(error: ValueError) -> dict[str, str]:
    """What is wrong with each variable that could not be read; {} for an error that is not about settings."""
    if not isinstance(error, ValidationError) or error.title != Settings.__name__:
        return {}
    prefix = Settings.model_config["env_prefix"]
    return {f"{prefix}{'_'.join(map(str, one['loc'])).upper()}": one["msg"] for one in error.errors()}
