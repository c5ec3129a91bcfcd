"""The doors: actions, the gate and the wall behind them."""

from typing import Annotated

import pytest
from django.db import connection

from middleground.kernel import audit, gate, guard
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import system
from middleground.kernel.errors import Invalid, NoAccessContext, NotAllowed, Refused, Stale, WriteOutsideAction
from middleground.kernel.models import AuditEntry, Receipt
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@action("Rename for a test", by=role("counselor"), fresh="client")
def rename(act: Act, client: Client, first_name: Annotated[str, Ask("First name", most=10)]) -> Client:
    client.first_name = first_name
    client.save()
    act.says("Renamed")
    return client


def test_a_query_without_an_access_context_raises(wren):
    with pytest.raises(NoAccessContext):
        Client.objects.all()


def test_raw_sql_without_an_access_context_raises(wren):
    with connection.cursor() as cursor, pytest.raises(NoAccessContext):
        cursor.execute('SELECT "last_name" FROM "records_client"')


def test_a_save_outside_an_action_raises(clinic, wren):
    wren.first_name = "Nobody"
    with pytest.raises(WriteOutsideAction):
        wren.save()


def test_raw_writes_outside_an_action_raise(wren):
    with connection.cursor() as cursor, pytest.raises(WriteOutsideAction):
        cursor.execute('UPDATE "records_client" SET "first_name" = %s', ["x"])


def test_client_records_are_never_deleted_even_inside_an_action(clinic, wren):
    @action("Destroy for a test", by=role("counselor"))
    def destroy(act: Act, client: Client) -> None:
        with connection.cursor() as cursor:
            cursor.execute('DELETE FROM "records_client" WHERE "id" = %s', [client.pk])

    with pytest.raises(WriteOutsideAction):
        destroy.run(clinic.actor("counselor"), client=wren)


def test_the_care_team_sees_the_client_and_another_counselor_does_not(clinic, wren):
    stranger = builders.a_second(clinic, "counselor", "stranger")
    with clinic.seen_by("counselor"):
        assert Client.objects.get(pk=wren.pk).first_name == "Wren"
    with gate.access(stranger.actor(), "treatment", "test") as access:
        assert not Client.objects.filter(pk=wren.pk).exists()
        assert access.actor.name == "Stranger"


def test_an_administrator_sees_no_client_and_is_told_it_is_withheld(clinic, wren):
    with clinic.seen_by("administrator", "operations") as access:
        assert not Client.objects.exists()
        assert "identity" in access.withheld


def test_a_role_that_may_not_is_refused_and_the_refusal_is_on_the_chain(clinic, wren):
    with pytest.raises(NotAllowed):
        rename.run(clinic.actor("biller"), client=wren, first_name="X")
    assert AuditEntry.objects.filter(verb="Refused").exists()


def test_an_input_the_actor_may_not_see_is_refused(clinic, wren):
    stranger = builders.a_second(clinic, "counselor", "stranger")
    with pytest.raises(NotAllowed):
        rename.run(stranger.actor(), client=wren, first_name="X")


def test_bad_input_is_named_and_nothing_changes(clinic, wren):
    with pytest.raises(Invalid) as bad:
        rename.run(clinic.actor("counselor"), client=wren, first_name="far too long a name")
    assert "first_name" in bad.value.errors


def test_an_older_version_is_stale(clinic, wren):
    rename.run(clinic.actor("counselor"), client=wren, first_name="Rae", seen_version=1)
    with pytest.raises(Stale):
        rename.run(clinic.actor("counselor"), client=wren, first_name="Ray", seen_version=1)


def test_the_same_request_key_happens_once(clinic, wren):
    before = AuditEntry.objects.count()
    first = rename.run(clinic.actor("counselor"), key="k1", client=wren, first_name="Rae")
    again = rename.run(clinic.actor("counselor"), key="k1", client=wren, first_name="Other")
    assert (first.pk, again.first_name) == (again.pk, "Rae")
    assert AuditEntry.objects.count() == before + 1
    assert Receipt.objects.filter(key="k1").count() == 1


def test_a_request_key_cannot_be_used_for_another_action(clinic, wren):
    rename.run(clinic.actor("counselor"), key="k1", client=wren, first_name="Rae")
    with pytest.raises(Refused):
        records.give_client_sign_in.run(clinic.actor("counselor"), key="k1", client=wren)


def test_reading_a_record_is_on_the_chain(clinic, wren):
    with clinic.seen_by("counselor"):
        list(Client.objects.filter(pk=wren.pk))
    last = AuditEntry.objects.order_by("-seq").first()
    assert (last.verb, last.clients, last.purpose) == ("Read", [wren.pk], "treatment")


def test_break_glass_opens_for_hours_tells_compliance_and_needs_a_reason(clinic, wren):
    stranger = builders.a_second(clinic, "counselor", "stranger")
    with pytest.raises(Refused):
        records.break_glass.run(stranger.actor(), client_id=wren.pk, reason="help")
    records.break_glass.run(stranger.actor(), client_id=wren.pk, reason="Found unresponsive in the lobby")
    with gate.access(stranger.actor(), "emergency", "test"):
        assert Client.objects.filter(pk=wren.pk).exists()
    assert clinic.people["compliance-officer"].notices.count() == 1


def test_what_break_glass_shows_is_on_the_chain_as_an_emergency(client, clinic, wren):
    stranger = builders.a_second(clinic, "counselor", "stranger")
    records.break_glass.run(stranger.actor(), client_id=wren.pk, reason="Found unresponsive in the lobby")
    for person, purpose in ((stranger, "emergency"), (clinic.people["counselor"], "treatment")):
        client.force_login(person)
        assert client.get(f"/clients/{wren.pk}/").status_code == 200
        reads = AuditEntry.objects.filter(verb="Read", actor_id=person.pk)
        assert {entry.purpose for entry in reads if wren.pk in entry.clients} == {purpose}


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_change_the_audit_chain(clinic):
    from django.db import DatabaseError

    from middleground.kernel import guard

    with guard.opened("test"):
        for statement in ("UPDATE kernel_auditentry SET words = 'x'", "DELETE FROM kernel_auditentry"):
            with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
                cursor.execute(statement)


def _tamper(*statements: str) -> None:
    from middleground.kernel import append_only, guard

    append_only.remove(connection)
    with guard.opened("maintenance"), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    append_only.install(connection)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statements, says",
    [
        (["UPDATE kernel_auditentry SET words = 'nothing to see' WHERE seq = 3"], "edited"),
        (["DELETE FROM kernel_auditentry WHERE seq = 3"], "missing"),
        (["DELETE FROM kernel_auditentry WHERE seq > 5"], "dropped"),
        (
            [
                "UPDATE kernel_auditentry SET seq = 1000 WHERE seq = 3",
                "UPDATE kernel_auditentry SET seq = 3 WHERE seq = 4",
                "UPDATE kernel_auditentry SET seq = 4 WHERE seq = 1000",
            ],
            "reordered",
        ),
    ],
)
def test_audit_verify_finds_edited_dropped_and_reordered_entries(clinic, statements, says):
    assert list(audit.faults()) == []
    _tamper(*statements)
    assert any(says in fault for fault in audit.faults())


def test_a_visitor_form_is_built_from_the_declaration(clinic, wren):
    form = rename.form(client=wren)
    assert list(form.fields) == ["first_name"]
    assert form.fields["first_name"].max_length == 10


def test_the_system_may_do_anything_and_says_so(clinic, wren):
    rename.run(system("a command"), client=wren, first_name="Rae")
    assert AuditEntry.objects.order_by("-seq").first().actor_name == "Middleground (a command)"


def test_a_task_about_nobody_yet_is_seen_by_its_owner_at_a_site(clinic):
    from datetime import timedelta

    from middleground.kernel import clock
    from middleground.records import queries

    @action("Ask for a test", by=role("intake-coordinator"))
    def ask(act: Act) -> None:
        records.ask_for(act, "Call the hospital", clock.now() + timedelta(days=1), owner=act.user_id)

    ask.run(clinic.actor("intake-coordinator"))
    with clinic.seen_by("intake-coordinator"):
        assert [t.what for t in queries.my_tasks()] == ["Call the hospital"]


def test_a_chain_longer_than_a_page_is_walked_whole(clinic, monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 3)
    assert AuditEntry.objects.count() > 3
    assert list(audit.faults()) == []
    last = AuditEntry.objects.order_by("-seq").first()
    forged = AuditEntry(seq=last.seq + 2, at=last.at, actor_name="X", words="X", previous=last.seal, seal="x")
    with guard.opened("audit"):
        forged.save(force_insert=True)
    assert any("missing" in fault for fault in audit.faults())
