"""Everything of the first version. There is no older version that could still run.

Not reversible: going back would delete the log. Restore a backup instead. Long because it is a list of all tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NOT_EDITABLE = "events are only ever inserted; erasure may empty body and salt, nothing else"
#: What erasure may not touch.
FIXED = ("stream", "seq", "kind", "schema", "at", "actor", "digest", "chain")


def upgrade() -> None:
    _streams()
    _events()
    _work()
    _cases()
    _messages()
    _counters()
    _links()
    _users()
    _sessions()
    _tokens()
    _throttle()
    _certificates()
    _vectors()
    _photo_hashes()
    if op.get_bind().dialect.name == "sqlite":
        _triggers_of_sqlite()
    else:
        _triggers_of_postgresql()


def downgrade() -> None:
    raise NotImplementedError("the first version cannot be undone; restore a backup instead")


def _triggers_of_sqlite() -> None:
    same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in FIXED)
    op.execute(f"""
        CREATE TRIGGER events_only_erased BEFORE UPDATE ON events
        WHEN NOT (NEW.body IS NULL AND NEW.salt IS NULL AND {same})
        BEGIN SELECT RAISE(ABORT, '{NOT_EDITABLE}'); END
    """)
    op.execute(f"""
        CREATE TRIGGER events_never_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, '{NOT_EDITABLE}'); END
    """)


def _triggers_of_postgresql() -> None:
    same = " AND ".join(f'NEW."{column}" IS NOT DISTINCT FROM OLD."{column}"' for column in FIXED)
    op.execute(f"""
        CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{NOT_EDITABLE}'; END $$
    """)
    op.execute(f"""
        CREATE TRIGGER events_only_erased BEFORE UPDATE ON events FOR EACH ROW
        WHEN (NOT (NEW.body IS NULL AND NEW.salt IS NULL AND {same}))
        EXECUTE FUNCTION events_refuse()
    """)
    op.execute("""
        CREATE TRIGGER events_never_deleted BEFORE DELETE ON events FOR EACH ROW
        EXECUTE FUNCTION events_refuse()
    """)
    op.execute("""
        CREATE TRIGGER events_never_emptied BEFORE TRUNCATE ON events FOR EACH STATEMENT
        EXECUTE FUNCTION events_refuse()
    """)


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sealed_chain", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("stream", name="pk_streams"),
        sqlite_with_rowid=False,
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("schema", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream"], ["streams.stream"], name="fk_events_stream", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_events"),
    )


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claims", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lost", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["stream"], ["streams.stream"], name="fk_work_stream", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("stream", "seq", "stage", name="pk_work"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_work_due",
        "work",
        ["due_at", "stage", "begun"],
        unique=False,
        sqlite_where=sa.text("parked_because IS NULL"),
        postgresql_where=sa.text("parked_because IS NULL"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("journey", sa.String(), nullable=True),
        sa.Column("line_of_business", sa.String(), server_default="general", nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("waiting_on", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("audit_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("photos", sa.BigInteger(), nullable=False),
        sa.Column("danger", sa.Boolean(), nullable=False),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("urgency", sa.BigInteger(), nullable=False),
        sa.Column("pressing_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('received', 'reading', 'waiting_customer', 'waiting_third_party', 'with_expert', "
            "'decided', 'handing_over', 'closed', 'reopened')",
            name="ck_cases_status",
        ),
        sa.CheckConstraint("waiting_on IN ('us', 'customer', 'third_party', 'nobody')", name="ck_cases_waiting_on"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("reference", name="uq_cases_reference"),
    )
    op.create_index(
        "ix_cases_all",
        "cases",
        ["urgency", "pressing_at", "id", "line_of_business", "journey", "snoozed_until"],
        unique=False,
    )
    op.create_index(
        "ix_cases_audit",
        "cases",
        ["urgency", "pressing_at", "id", "line_of_business", "journey", "snoozed_until"],
        unique=False,
        sqlite_where=sa.text("audit_since IS NOT NULL"),
        postgresql_where=sa.text("audit_since IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_journey",
        "cases",
        ["journey", "urgency", "pressing_at", "id", "line_of_business", "snoozed_until"],
        unique=False,
    )
    op.create_index(
        "ix_cases_mine",
        "cases",
        ["assignee", "urgency", "pressing_at", "id", "line_of_business", "journey", "snoozed_until"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_cases_snoozed",
        "cases",
        ["urgency", "pressing_at", "id", "line_of_business", "journey", "snoozed_until"],
        unique=False,
        sqlite_where=sa.text("snoozed_until IS NOT NULL"),
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_status",
        "cases",
        ["status", "urgency", "pressing_at", "id", "line_of_business", "journey", "snoozed_until"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_cases_waiting",
        "cases",
        ["waiting_on", "urgency", "pressing_at", "id", "line_of_business", "journey", "snoozed_until", "assignee"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("raw_digest", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_messages_case_id", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("caller", "idempotency_key", name="uq_messages_caller_idempotency_key"),
    )
    op.create_index(
        "ix_messages_case_id",
        "messages",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("case_id IS NOT NULL"),
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_links_case_id", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
    )
    op.create_index("ix_links_case_id", "links", ["case_id"], unique=False)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("lines", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name="fk_sessions_user", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"], unique=False)


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_tokens"),
        sa.UniqueConstraint("name", name="uq_tokens_name"),
    )


def _throttle() -> None:
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("window", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window", name="pk_throttle"),
    )


def _certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("alpha", sa.Double(), nullable=False),
        sa.Column("delta", sa.Double(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("model_digest", sa.String(), nullable=False),
        sa.Column("rules_digest", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shut_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shut_because", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (shut_at IS NULL)", name="ck_certificates_shut_at"),
        sa.CheckConstraint("state IN ('open', 'shut')", name="ck_certificates_state"),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
    )
    op.create_index(
        "uq_certificates_open",
        "certificates",
        ["journey", "topic"],
        unique=True,
        sqlite_where=sa.text("shut_at IS NULL"),
        postgresql_where=sa.text("shut_at IS NULL"),
    )


def _vectors() -> None:
    op.create_table(
        "vectors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("space", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_vectors_case_id", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_vectors"),
        sa.UniqueConstraint("case_id", "space", name="uq_vectors_case_id_space"),
        sqlite_autoincrement=True,
    )


def _photo_hashes() -> None:
    op.create_table(
        "photo_hashes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("pixels_sha256", sa.String(), nullable=False),
        sa.Column("hashes", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_photo_hashes_case_id", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_photo_hashes"),
        sa.UniqueConstraint("case_id", "file_id", name="uq_photo_hashes_case_id_file_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_photo_hashes_pixels", "photo_hashes", ["pixels_sha256"], unique=False)
    op.create_index("ix_photo_hashes_sha256", "photo_hashes", ["sha256"], unique=False)
