"""How far each person has read in a case, so that lists mark what is new to them.

Only adds a table. Code of the version before neither reads nor writes it: what was opened with it stays marked as new,
and a case that it erases keeps who had opened it (a colleague's name, nobody else's): erase with the new version.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LINES = "(SELECT NULLIF(current_setting('casewright.lines', true), ''))"


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("read_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "case_id", name="pk_looks"),
        *(
            sa.ForeignKeyConstraint([mine], [to], name=f"fk_looks_{mine}", deferrable=True, initially="DEFERRED")
            for mine, to in (("person", "users.name"), ("case_id", "cases.id"))
        ),
    )
    op.create_index("ix_looks_case_id", "looks", ["case_id"])
    if op.get_context().dialect.name == "postgresql":
        # As around the cases themselves: what belongs to a case of another line of business does not exist. Asked of
        # one case at a time: a page looks at fifty rows of this table, of as many cases as there are.
        condition = f"{LINES} IS NULL OR EXISTS (SELECT FROM cases WHERE cases.id = looks.case_id)"
        op.execute(f"CREATE POLICY looks_of_lines ON looks USING ({condition})")
        op.execute("ALTER TABLE looks ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE looks FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("looks")
