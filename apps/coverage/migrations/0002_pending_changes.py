"""The dirty flag: any statement that changes facts of coverage notes its transaction, once."""

from django.db import migrations

FACTS = (
    "core_parameter",
    "coverage_definitionversion",
    "branches_partyorg",
    "enterprises_enterprise",
    "enterprises_condition",
    "enterprises_establishment",
    "enterprises_instructorassignment",
    "enterprises_massorganization",
)

NOTE_CHANGE = """
CREATE FUNCTION coverage_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO coverage_pendingchange (transaction) VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""


def create(table: str) -> str:
    return (
        f"CREATE TRIGGER coverage_facts_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION coverage_note_change()"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("coverage", "0001_initial"),
        ("core", "0001_initial"),
        ("branches", "0001_initial"),
        ("enterprises", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(NOTE_CHANGE, "DROP FUNCTION coverage_note_change()"),
        *(migrations.RunSQL(create(t), f"DROP TRIGGER coverage_facts_changed ON {t}") for t in FACTS),
    ]
