"""Backup and restore on PostgreSQL, through the second wall: every row goes into the archive and comes back, and so does the wall."""

import shutil

import pytest
import typer
from django.db import connection

from middleground.cli import checking, keeping
from middleground.kernel import guard, second_wall
from middleground.kernel.context import everything
from middleground.records.models import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db_both]


@pytest.fixture(autouse=True)
def this_database(settings, transactional_db):
    """The commands go by DATABASE_URL; here it must name the database of this test."""
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has row-level security")
    if not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not on the path")
    facts = connection.settings_dict
    settings.DATABASE_URL = f"postgres://{facts['USER']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


def clients() -> list[str]:
    with everything("test"):
        return list(Client.objects.order_by("pk").values_list("first_name", flat=True))


def test_every_row_comes_back_and_the_wall_with_it(clinic, wren, tmp_path):
    keeping.backup(str(tmp_path / "all.tar.gz"))
    assert "The audit chain is whole" in keeping.restore(str(tmp_path / "all.tar.gz"))

    assert clients() == ["Wren"]
    assert second_wall.gaps(connection) == {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_client")
        assert cursor.fetchone() == (0,)


def test_a_backup_that_would_lack_rows_is_not_kept(clinic, wren, tmp_path, capsys):
    """A policy of somebody's own that hides rows from `pg_dump`, which then leaves them out without a word."""
    hides = "AS RESTRICTIVE USING (current_setting('application_name') <> 'pg_dump')"
    with guard.opened("maintenance"), connection.cursor() as cursor:
        cursor.execute(f"CREATE POLICY stray ON records_client {hides}")
        try:
            with pytest.raises(typer.Exit):
                keeping.backup(str(tmp_path / "part.tar.gz"))
        finally:
            cursor.execute("DROP POLICY stray ON records_client")
    assert "records_client" in capsys.readouterr().err
    assert not (tmp_path / "part.tar.gz").exists()


def test_check_names_what_is_missing_of_the_wall(clinic):
    assert not [line for line in checking.findings() if "Row-level" in line or "superuser" in line]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_task NO FORCE ROW LEVEL SECURITY")
        assert any("records_task" in line and "middleground migrate" in line for line in checking.findings())
        cursor.execute("ALTER TABLE records_task FORCE ROW LEVEL SECURITY")
