"""Where a number of members comes from: the roster of a branch or the census; the rosters set the dirty flag too."""

from django.db import migrations, models

FACTS = ("members_membership", "members_member")


def create(table: str) -> str:
    return (
        f"CREATE TRIGGER coverage_facts_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION coverage_note_change()"
    )


class Migration(migrations.Migration):
    dependencies = [("coverage", "0002_pending_changes"), ("members", "0001_initial")]

    operations = [
        migrations.AddField(
            "snapshotrow", "census_members", models.PositiveIntegerField(null=True, verbose_name="摸底正式党员")
        ),
        migrations.AddField(
            "snapshotrow", "from_roster", models.BooleanField(db_default=False, verbose_name="党员数取自名册")
        ),
        *(migrations.RunSQL(create(t), f"DROP TRIGGER coverage_facts_changed ON {t}") for t in FACTS),
    ]
