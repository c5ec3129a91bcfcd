"""Inside a clinic: whose chart, which day and which session to measure, and how many queries each takes."""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Count
from django.test import Client as Browser

from middleground.clinic.models import User
from middleground.demo import PASSWORD
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program.models import Attendance, Session
from middleground.records.models import CareTeamMember, Client
from tests.bench.note import note_fields

NO_QUERY = re.compile(r"\s*(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)", re.IGNORECASE)


def look() -> dict[str, Any]:
    """How large the clinic is, the pages to measure with who opens each and its queries, everybody's password."""
    logging.disable(logging.WARNING)
    with everything("bench"):
        pages, sizes = _pages(), {"clients": Client.objects.count(), "attendance": Attendance.objects.count()}
    counted = [page | {"queries": count(page)} for page in pages]
    return {**sizes, "pages": counted, "password": PASSWORD}


def _pages() -> list[dict[str, Any]]:
    director = next(one for one in User.objects.order_by("pk") if "program-director" in one.roles)
    made = [_chart(), {"name": "day board", "who": director.username, "path": "/day/?whose=all"}]
    note = _note()
    return [*made, note] if note else made


def _chart() -> dict[str, Any]:
    """The client in care with the longest history, opened by their counselor."""
    team = (
        CareTeamMember.objects.filter(part="primary-counselor", until=None, client__episodes__ended_on=None)
        .annotate(rows=Count("client__attendances"))
        .select_related("user")
        .order_by("-rows", "pk")
        .first()
    )
    return {"name": "chart page", "who": team.user.username, "path": f"/clients/{team.client_id}/"}


def _note() -> dict[str, Any] | None:
    """The latest group whose note is still to be signed; none on the morning after a day without groups."""
    begun = Session.objects.filter(sort="group", start__lt=clock.now()).exclude(status="did-not-happen")
    session = begun.filter(note__signed_at=None).select_related("leader").order_by("-start", "pk").first()
    if session is None:
        return None
    return {"name": "group-note save", "who": session.leader.username, "path": f"/sessions/{session.pk}/", "save": True}


def count(page: dict[str, Any]) -> int:
    """Statements of one request, transaction brackets left out; a first request warms what is read once per process."""
    browser = Browser(headers={"host": "127.0.0.1"})
    browser.force_login(User.objects.get(username=page["who"]))
    shown = browser.get(page["path"])
    assert shown.status_code == 200, f"{page['path']}: {shown.status_code}"
    fields = note_fields(shown.content.decode(), "Counted") if page.get("save") else None
    seen: list[str] = []

    def see(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not NO_QUERY.match(sql):
            seen.append(sql)
        return run(sql, *rest)

    with connection.execute_wrapper(see):
        answer = browser.post(page["path"], dict(fields)) if fields else browser.get(page["path"])
    assert answer.status_code == (302 if fields else 200), f"{page['path']}: {answer.status_code}"
    return len(seen)
