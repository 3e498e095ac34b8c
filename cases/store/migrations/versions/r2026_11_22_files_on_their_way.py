"""Customers send files in pieces, and what they typed on their page is kept for a while.

Only adds: code of the version before neither reads nor writes these tables. Where it sweeps files that nobody owns, or
erases a case, meanwhile: a file on its way may be lost, and is then sent again; one of an erased case ends after a day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("case_id", sa.String()),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("spent_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        _belongs("uploads", "case_id", "cases.id"),
    )
    for column in ("caller", "case_id", "expires_at"):
        op.create_index(f"ix_uploads_{column}", "uploads", [column])
    op.create_table(
        "upload_pieces",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "at", name="pk_upload_pieces"),
        _belongs("upload_pieces", "upload_id", "uploads.id"),
    )
    op.create_table(
        "link_drafts",
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("link_id", "form", name="pk_link_drafts"),
        _belongs("link_drafts", "link_id", "links.id"),
    )
    if op.get_context().dialect.name == "postgresql":
        _wall("uploads", "case_id IN (SELECT id FROM cases)")
        _wall("upload_pieces", "upload_id IN (SELECT id FROM uploads)")
        _wall("link_drafts", "link_id IN (SELECT id FROM links)")


def downgrade() -> None:
    raise NotImplementedError("what customers are sending would be lost with the tables; restore a backup instead")


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}", deferrable=True, initially="DEFERRED")


def _wall(table: str, condition: str) -> None:
    """As around the cases themselves: what belongs to a case of another line of business does not exist."""
    op.execute(f"CREATE POLICY {table}_of_lines ON {table} USING ({LINES} IS NULL OR {condition})")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
