"""The second wall: what PostgreSQL itself says to whoever goes around the gate and the guard.

`bare()` is the driver's own cursor: no manager, no execute wrapper, as `psql` with the program's role would be.
"""

from contextlib import contextmanager

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction

from middleground.kernel import context, gate, guard, second_wall
from middleground.kernel.context import Access, Actor, everything, system
from middleground.kernel.gate import Protected
from middleground.records.models import Client, Episode
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture(autouse=True)
def on_postgresql(db):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has row-level security")


@contextmanager
def bare():
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        yield cursor


def seen(table: str = "records_client") -> int:
    """How many rows the database shows to someone who goes around the gate and the guard."""
    with bare() as cursor:
        return cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def told() -> str | None:
    """The scope that is left on the connection."""
    with bare() as cursor:
        return cursor.execute(f"SELECT current_setting('{second_wall.SETTING}', true)").fetchone()[0]


def through_the_wrappers(sql: str, *params):
    """Raw SQL that the guard doesn't recognise, for want of quotes around the names."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def counted() -> int:
    return through_the_wrappers("SELECT count(*) FROM records_client")[0][0]


def test_the_tests_connect_as_a_role_that_the_wall_holds():
    assert not second_wall.is_stepped_over(connection)


def all_protected(model=Protected):
    for each in model.__subclasses__():
        yield from all_protected(each)
        if not each._meta.abstract and each.__module__.startswith("middleground."):
            yield each


def test_every_protected_table_has_its_wall():
    """A new protected model without a policy turns this red."""
    tables = {model._meta.db_table for model in all_protected()}
    with bare() as cursor:
        cursor.execute("SELECT DISTINCT tablename FROM pg_policies WHERE policyname LIKE 'scope\\_%'")
        walled = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {name for (name,) in cursor.fetchall()}
    assert len(tables) > 50
    assert tables - walled == set()
    assert tables - forced == set()
    assert second_wall.gaps(connection) == {}


def test_the_wall_covers_what_the_guard_protects():
    assert set(second_wall.protected()) == guard.tables()[0]


@pytest.mark.parametrize(
    "harm",
    [
        "ALTER TABLE records_client NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE records_client DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY hole ON records_client USING (true)",
    ],
)
def test_a_gap_is_found_and_migrate_closes_it(harm):
    with bare() as cursor:
        cursor.execute(harm)
    assert set(second_wall.gaps(connection)) == {"records_client"}
    with guard.opened("maintenance"):
        assert second_wall.stand("default") == ["records_client"]
        assert second_wall.gaps(connection) == {}
        assert second_wall.stand("default") == []


def test_around_the_gate_there_is_nothing_to_see(wren):
    for table in second_wall.protected():
        assert seen(table) == 0


def test_unquoted_names_get_past_the_guard_but_not_past_the_wall(wren):
    assert counted() == 0


def test_around_the_gate_nothing_is_written(clinic, wren):
    with bare() as cursor:
        assert cursor.execute("UPDATE records_client SET first_name = 'X'").rowcount == 0
        assert cursor.execute("DELETE FROM records_client").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), transaction.atomic():
            cursor.execute(
                'INSERT INTO kernel_booking (subject, label, start, "end", released_why) '
                "VALUES ('session:1', 'group', now(), now(), '')"
            )
    with clinic.seen_by("counselor"):
        assert Client.objects.get(pk=wren.pk).first_name == "Wren"


def test_in_a_context_the_gate_narrows_and_the_wall_lets_through(clinic, wren):
    with clinic.seen_by("counselor"):
        assert Client.objects.count() == 1
        assert counted() == 1


def test_the_scope_lives_as_long_as_its_statement(clinic, wren):
    with clinic.seen_by("counselor"), transaction.atomic():
        assert Client.objects.exists()
        assert not told()
        assert seen() == 0
    assert not told()


def test_nested_contexts_come_back_to_the_outer_one(clinic, wren):
    other = builders.a_client(clinic, "Bo", "Reed")
    wrens = Access(Actor("Wren", frozenset({"client"}), 1, wren.pk), "own-request")
    with context.entered(wrens):
        assert counted() == 1
        with everything("test"):
            assert counted() == 2
        assert through_the_wrappers("SELECT id FROM records_client") == [(wren.pk,)]
    assert counted() == 0
    assert other.pk != wren.pk


def test_a_client_is_held_to_their_own_rows_whatever_the_query(clinic, wren):
    other = builders.a_client(clinic, "Bo", "Reed")
    with gate.access(builders.client_user(clinic, wren).actor(), "own-request"):
        found = through_the_wrappers(
            "SELECT client_id FROM records_episode WHERE client_id IN (%s, %s)", wren.pk, other.pk
        )
        assert found == [(wren.pk,)]


def test_someone_who_is_a_client_and_works_here_is_narrowed_by_the_gate():
    both = Actor("Both", frozenset({"client", "counselor"}), 1, 7)
    assert second_wall.scope(Access(both, "treatment")) == second_wall.ALL
    assert second_wall.scope(Access(system("x"), "system", everything=True)) == second_wall.ALL


def test_after_an_exception_the_scope_is_gone(clinic, wren):
    with pytest.raises(ZeroDivisionError), clinic.seen_by("counselor"), transaction.atomic():
        assert counted() == 1
        raise ZeroDivisionError
    assert not told()
    assert counted() == 0


def test_after_a_statement_that_failed_the_scope_is_gone(clinic, wren):
    with clinic.seen_by("counselor"):
        with pytest.raises(Exception, match="no_such_column"), transaction.atomic():
            through_the_wrappers("SELECT no_such_column FROM records_client")
        assert not told()
        assert counted() == 1
    assert counted() == 0


def test_a_savepoint_rolled_back_changes_nothing_of_it(clinic, wren):
    with clinic.seen_by("counselor"):
        point = transaction.savepoint_create()
        assert counted() == 1
        transaction.savepoint_rollback(point)
        assert counted() == 1
    assert counted() == 0


def test_many_statements_at_once_carry_the_scope_too(clinic, wren):
    with clinic.seen_by("counselor"), guard.opened("test"), connection.cursor() as cursor:
        cursor.executemany("UPDATE records_client SET first_name = %s WHERE id = %s", [("W", wren.pk), ("V", wren.pk)])
        assert not told()
        assert through_the_wrappers("SELECT first_name FROM records_client") == [("V",)]
        with pytest.raises(Exception, match="no_such_table"), transaction.atomic():
            cursor.executemany("UPDATE no_such_table SET a = %s", [(1,), (2,)])
    assert not told()
    assert counted() == 0


def test_what_a_statement_answers_is_its_own_answer(clinic, wren):
    """Rows, number of rows and column names come from the statement, not from setting the scope around it."""
    with clinic.seen_by("counselor"), guard.opened("test"), connection.cursor() as cursor:
        cursor.execute("SELECT first_name, last_name FROM records_client -- a comment at the end")
        assert [column.name for column in cursor.description] == ["first_name", "last_name"]
        assert cursor.fetchall() == [("Wren", "Alder")]
        cursor.execute("UPDATE records_client SET first_name = '100%%' WHERE id = %s;", [wren.pk])
        assert cursor.rowcount == 1
        assert not cursor.nextset() or cursor.description is None


def test_rows_read_a_page_at_a_time_are_all_there(clinic, wren):
    builders.a_client(clinic, "Bo", "Reed")
    with everything("test"):
        assert [client.last_name for client in Client.objects.order_by("pk").iterator(chunk_size=1)] == [
            "Alder",
            "Reed",
        ]


def test_no_record_is_deleted_even_in_a_context_without_the_guard(clinic, wren):
    with bare() as cursor, second_wall.lowered(connection):
        assert cursor.execute("SELECT count(*) FROM records_client").fetchone() == (1,)
        assert cursor.execute("DELETE FROM records_episode").rowcount == 0
    with everything("test"):
        assert Episode.objects.count() == 1


def test_migrations_see_every_row_and_leave_no_scope_behind(wren):
    with second_wall.lowered(connection):
        assert seen() == 1
    assert not told()
    assert seen() == 0


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_the_scope_goes_with_the_statement(clinic, wren):
    with clinic.seen_by("counselor"):
        assert counted() == 1
        assert not told()
        assert seen() == 0


@pytest.mark.django_db(transaction=True)
def test_a_connection_opened_again_has_the_wall_too(clinic, wren):
    connection.close()
    assert counted() == 0
    with clinic.seen_by("counselor"):
        assert counted() == 1


def test_models_without_a_client_have_a_wall_of_their_own_kind():
    booking = apps.get_model("kernel", "Booking")
    assert [name.partition("_")[0] for name in second_wall.policies(booking)] == ["scope"]
    assert {name.partition("_")[0] for name in second_wall.policies(Client)} == {"scope", "kept"}
