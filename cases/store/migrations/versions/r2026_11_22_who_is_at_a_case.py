"""People see who is at a case and who works on it; what they type and the lists they save are kept here.

Only adds: code of the version before neither reads nor writes these tables. A case that it erases keeps its drafts,
which nobody can open any more: erase with the new version, once all processes are of it. Which cases changed lately is
asked by the time of their last event; that index is made while others wait, about a second for a million cases.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "presences",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("typed_at", MOMENT),
        sa.PrimaryKeyConstraint("person", "case_id", name="pk_presences"),
        *_of("presences", person="person"),
    )
    op.create_index("ix_presences_case_id", "presences", ["case_id"])
    op.create_index("ix_presences_seen_at", "presences", ["seen_at"])
    op.create_table(
        "holds",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_holds"),
        *_of("holds", person="holder"),
    )
    op.create_index("ix_holds_holder", "holds", ["holder"])
    op.create_index("ix_holds_until", "holds", ["until"])
    op.create_table(
        "drafts",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("case_id", "person", "form", name="pk_drafts"),
        *_of("drafts", person="person"),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        _belongs("saved_views", "owner", "users.name"),
    )
    op.create_index("ix_saved_views_owner", "saved_views", ["owner"])
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX ix_cases_updated_at ON cases (updated_at)"
    )
    if op.get_context().dialect.name == "postgresql":
        for table in ("presences", "holds", "drafts"):
            _wall(table)


def downgrade() -> None:
    raise NotImplementedError("what people typed would be lost with the tables; restore a backup instead")


def _of(table: str, *, person: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return _belongs(table, "case_id", "cases.id"), _belongs(table, person, "users.name")


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}", deferrable=True, initially="DEFERRED")


def _wall(table: str) -> None:
    """As around the cases themselves: what belongs to a case of another line of business does not exist."""
    condition = f"{LINES} IS NULL OR case_id IN (SELECT id FROM cases)"  # noqa: S608  # fixed words, no input
    op.execute(f"CREATE POLICY {table}_of_lines ON {table} USING ({condition})")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
