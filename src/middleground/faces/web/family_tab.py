"""The family side of a chart, and the inbox of the listen-only line."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.engines import disclosure
from middleground.faces.doors import Nav, found, page
from middleground.faces.portal.frame import do, go_on
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.family import actions, queries
from middleground.family.models import FamilyMessage
from middleground.records import queries as records
from middleground.recovery import words

READERS = ("intake-coordinator", "counselor", "case-manager", "program-director", "compliance-officer")
LISTENERS = ("counselor", "case-manager", "program-director")


@page("clients/<int:client_id>/family/", name="chart-family", by=READERS, title="Family")
def chart_family(request: HttpRequest, client_id: int) -> HttpResponse:
    """Who stands by the client, what each may see, what they told us; inviting somebody."""
    client = client_or_404(client_id)
    actor, invite = request.actor, actions.invite_family_member  # type: ignore[attr-defined]
    form, given = invite.form(client=client), None
    if request.method == "POST":
        done = invite.submit(request, client=client)
        form, given = done.form, done.result
    sharing = queries.consents_in_force(client)
    people = [_person(p, sharing) for p in queries.members(client)]
    return chart_page(
        request,
        "web/family.html",
        client,
        {
            "people": [p for p in people if p["row"].until is None],
            "former": [p for p in people if p["row"].until is not None],
            "messages_kept": [_message(m, sharing) for m in queries.messages(client)[:50]],
            "form": form if given is None else invite.form(client=client),
            "given": given,
            "invites": invite.might(actor),
            "listens": actions.finish_message.might(actor),
        },
        tab="chart-family",
        status=422 if form.is_bound and form.errors else 200,
    )


def _person(row: Any, sharing: dict[int, list[str]]) -> dict[str, Any]:
    kinds = sorted(set(sharing.get(row.user_id, [])))
    relation = words.label("family-relations", row.relation, "en")
    return {"row": row, "relation": relation, "kinds": [disclosure.kind_words(kind) for kind in kinds]}


def _message(row: FamilyMessage, sharing: dict[int, list[str]]) -> dict[str, Any]:
    """A message with whether we may answer: only someone with a consent in force may learn anything from us."""
    return {"row": row, "may_answer": row.member is not None and row.member.user_id in sharing}


@page("family-members/<int:member_id>/end/", name="family-member-end", by=("counselor", "case-manager"))
def end_access(request: HttpRequest, member_id: int) -> HttpResponse:
    """End a family member's access at once."""
    member = found(queries.member(member_id))
    if request.method == "POST":
        return go_on(
            request,
            do(request, actions.end_family_access, member=member),
            "Access ended.",
            "chart-family",
            member.client_id,
        )
    return redirect("chart-family", member.client_id)


@page("family-members/<int:member_id>/code/", name="family-member-code", by=("counselor", "case-manager"))
def new_code(request: HttpRequest, member_id: int) -> HttpResponse:
    """A fresh sign-in code, to hand over in person."""
    member = found(queries.member(member_id))
    if request.method == "POST":
        done = do(request, actions.give_family_code, member=member)
        said = f"Hand this over in person: {done.result}" if done.result else "The code was given already."
        return go_on(request, done, said, "chart-family", member.client_id)
    return redirect("chart-family", member.client_id)


@page("family-line/<int:message_id>/done/", name="family-message-done", by=LISTENERS)
def finish(request: HttpRequest, message_id: int) -> HttpResponse:
    """Say what came of a message in a record; one in nobody's record yet is read in the inbox."""
    message = found(FamilyMessage.objects.filter(pk=message_id).first())
    if message.client_id is None:
        return redirect("family-inbox")
    if request.method == "POST":
        done = actions.finish_message.submit(request, message=message)
        return go_on(request, done, "Noted.", "chart-family", message.client_id)
    return redirect("chart-family", message.client_id)


@page(
    "family-line/", name="family-inbox", by=LISTENERS, title="Family line", nav=Nav("staff", "Family line", "phone", 40)
)
def inbox(request: HttpRequest) -> HttpResponse:
    """Messages in nobody's record yet, with the clients that could be meant; and those that wait in records."""
    words_given = request.GET.get("name", "").strip()
    waiting = queries.line()
    return render(
        request,
        "web/family_inbox.html",
        {
            "waiting": waiting,
            "opened": next((m for m in waiting if str(m.pk) == request.GET.get("message")), None),
            "looking": words_given,
            "matches": list(records.clients(words_given)[:10]) if words_given else [],
            "in_records": list(queries.waiting_in_records()[:50]),
            "aside": queries.line(waiting=False)[:10],
        },
    )


@page("family-line/<int:message_id>/match/", name="family-message-match", by=LISTENERS)
def match(request: HttpRequest, message_id: int) -> HttpResponse:
    """Put a message into a client's record."""
    if request.method != "POST" or not request.POST.get("client", "").isdecimal():
        return redirect("family-inbox")
    client = client_or_404(int(request.POST["client"]))
    done = do(request, actions.match_message, client=client, message_id=message_id)
    return go_on(
        request, done, "The message is in the record. The primary counselor has a task to read it.", "family-inbox"
    )


@page("family-line/<int:message_id>/aside/", name="family-message-aside", by=LISTENERS)
def aside(request: HttpRequest, message_id: int) -> HttpResponse:
    """Set a message aside, with a reason."""
    if request.method != "POST":
        return redirect("family-inbox")
    done = actions.set_message_aside.submit(request, message_id=message_id)
    return go_on(request, done, "Set aside. It is kept.", "family-inbox")
