"""The inquiry board, one inquiry, referrals out: pages of intake and the director."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from middleground.admissions import actions, queries
from middleground.clinic.models import User
from middleground.kernel import clock
from middleground.kernel.actions import action
from middleground.kernel.context import system
from middleground.kernel.who import system_only
from tests import builders
from tests.admissions import people

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def asked_of(seen) -> int:
    """Queries, without the savepoints that only a test's own transaction brings."""
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE")) for q in seen.captured_queries)


@pytest.fixture
def intake(clinic, client):
    client.force_login(clinic.people["intake-coordinator"])
    return client


@pytest.fixture
def rowan(clinic):
    return people.asking(clinic, availability=["mon 17:00-21:15"], message="Evenings only")


def fresh(clinic, inquiry):
    with clinic.seen_by("intake-coordinator"):
        return queries.inquiry(inquiry.pk)


def url(inquiry, name="inquiry"):
    return reverse(name, args=[inquiry.pk])


def test_the_board_shows_owner_next_step_and_promise(intake, rowan):
    body = intake.get(reverse("inquiries")).content.decode()
    for words in ("Rowan", rowan.reference, "First call:", "Call back", "Nobody yet", "First-line"):
        assert words in body


def test_an_empty_board_says_what_to_do(intake):
    assert "No open inquiries" in intake.get(reverse("inquiries")).content.decode()
    assert "No inquiry matches" in intake.get(reverse("inquiries") + "?q=nobody").content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=new", True),
        ("status=contacted", False),
        ("owner=me", False),
        ("owner=nobody", True),
        ("pathway=step-down", False),
        ("source=self", True),
        ("q=Row", True),
        ("status=closed", False),
        ("page=99", True),
    ],
)
def test_the_filters(intake, rowan, query, shown):
    answer = intake.get(f"{reverse('inquiries')}?{query}")
    assert answer.status_code == 200
    assert (rowan.reference in answer.content.decode()) is shown


def test_the_board_takes_no_more_queries_as_it_grows(clinic, intake, rowan):
    intake.get(reverse("inquiries"))
    with CaptureQueriesContext(connection) as few:
        intake.get(reverse("inquiries"))
    for n in range(15):
        people.asking(clinic, f"Person{n}")
    with CaptureQueriesContext(connection) as many:
        intake.get(reverse("inquiries"))
    assert asked_of(many) == asked_of(few) <= MOST_QUERIES


@pytest.mark.parametrize(
    "role", ["counselor", "prescriber", "case-manager", "biller", "compliance-officer", "administrator"]
)
def test_other_roles_are_turned_away(clinic, client, rowan, role):
    client.force_login(clinic.people[role])
    for where in (
        reverse("inquiries"),
        url(rowan),
        reverse("inquiry-new"),
        url(rowan, "inquiry-times"),
        url(rowan, "refer-out"),
    ):
        assert client.get(where).status_code == 403


def test_a_visitor_is_asked_to_sign_in_and_a_wrong_number_is_not_found(client, clinic, rowan):
    assert client.get(url(rowan)).status_code == 302
    client.force_login(clinic.people["intake-coordinator"])
    assert client.get(reverse("inquiry", args=[999])).status_code == 404


def test_an_inquiry_taken_on_the_phone(clinic, intake):
    given = {
        "first_name": "Sage",
        "phone": "555-010-4444",
        "site": clinic.site.pk,
        "came_through": "phone",
        "language": "en",
        "for_whom": "me",
        "pathway": "step-down",
        "referral_source": "health-care",
        "tue": ["morning"],
        "request_key": "k",
    }
    assert intake.get(reverse("inquiry-new")).status_code == 200
    wrong = intake.post(reverse("inquiry-new"), {**given, "phone": "1", "message": "typed"})
    assert wrong.status_code == 422 and "typed" in wrong.content.decode()
    answer = intake.post(reverse("inquiry-new"), {**given, "request_key": "k2"}, follow=True)
    assert "Contacted" in answer.content.decode()
    assert "8:00 am to 12:00 pm" in answer.content.decode()


def test_one_inquiry_page_and_its_queries(clinic, intake, rowan):
    intake.get(url(rowan))
    with CaptureQueriesContext(connection) as seen:
        body = intake.get(url(rowan)).content.decode()
    assert asked_of(seen) <= MOST_QUERIES
    for words in ("Evenings only", "Monday", "Log a contact", "Came in: web form"):
        assert words in body


def test_a_contact_is_logged_and_a_refused_one_comes_back(clinic, intake, rowan):
    answer = intake.post(
        url(rowan), {"do": "contact", "channel": "phone", "outcome": "reached", "note": "Wants evenings"}, follow=True
    )
    assert "Wants evenings" in answer.content.decode()
    assert fresh(clinic, rowan).status == "contacted"
    refused = intake.post(
        url(rowan), {"do": "contact", "channel": "emergency-contact", "outcome": "reached", "note": "kept words"}
    )
    assert refused.status_code == 422
    assert "signed consent" in refused.content.decode() and "kept words" in refused.content.decode()


def test_booking_a_taken_time_says_so(clinic, intake, rowan):
    at = timezone.localtime(clock.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    given = {
        "do": "book",
        "assessor": clinic.people["counselor"].pk,
        "room": clinic.rooms[1].pk,
        "at": f"{at:%Y-%m-%dT%H:%M}",
        "minutes": 90,
    }
    assert intake.post(url(rowan), given).status_code == 302
    assert fresh(clinic, rowan).assessment_at == at
    other = people.asking(clinic, "Hazel")
    refused = intake.post(url(other), given)
    assert refused.status_code == 422
    assert "no longer free" in refused.content.decode()


@action("Give working hours for a test", by=system_only())
def _works(act, user: User) -> None:
    user.works = [f"{day} 09:00-12:00" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
    user.save(update_fields=["works"])


def test_the_next_free_time_is_offered_and_booked_with_one_press(clinic, intake, rowan):
    assert "No free time" in intake.get(url(rowan, "inquiry-times")).content.decode()
    _works.run(system("test"), user=clinic.people["counselor"])
    with clock.at(timezone.make_aware(timezone.datetime(2030, 3, 4, 8, 0))):
        first = intake.get(url(rowan, "inquiry-times"))
        assert "9:00 am" in first.content.decode()
        given = {"assessor": clinic.people["counselor"].pk, "at": "2030-03-04T09:00", "minutes": 90}
        assert intake.post(url(rowan, "inquiry-times"), given).status_code == 302
        other = people.asking(clinic, "Hazel")
        shown = intake.get(url(other, "inquiry-times")).content.decode()
        assert "2030-03-04T10:30" in shown and "2030-03-04T09:00" not in shown and "2030-03-04T10:00" not in shown
        refused = intake.post(url(other, "inquiry-times"), given)
        assert refused.status_code == 422 and "no longer free" in refused.content.decode()


def test_beginning_asks_for_a_last_name_and_leads_to_the_assessment(clinic, intake, rowan):
    refused = intake.post(url(rowan), {"do": "begin"})
    assert refused.status_code == 422 and "last name" in refused.content.decode()
    answer = intake.post(url(rowan), {"do": "begin", "last_name": "Field"})
    assert answer.status_code == 302
    assert answer.url == reverse("assessment", args=[fresh(clinic, rowan).client_id])


def typed(*rows, **more):
    """The rows of the free times as a browser posts them: (day, start, end)."""
    data = {"do": "free", "rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": 0, **more}
    for n, row in enumerate(rows):
        data |= dict(zip((f"rows-{n}-day", f"rows-{n}-starts", f"rows-{n}-ends"), row, strict=True))
    return data


def shown(page):
    """The rows of the free times as the page fills them."""
    marks = {name: {} for name in ("day", "starts", "ends")}
    for n, body in re.findall(r'<select name="rows-(\d+)-day".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="(\w+)" selected', body)
        marks["day"][n] = chosen.group(1) if chosen else ""
    for tag in re.findall(r'<input type="time"[^>]*name="rows-[^>]*>', page):
        _rows, n, name = re.search(r'name="([^"]+)"', tag).group(1).split("-")
        found = re.search(r'value="([^"]*)"', tag)
        marks[name][n] = found.group(1) if found else ""
    rows = [tuple(marks[name][n] for name in marks) for n in marks["day"]]
    return [row for row in rows if any(row)]


def test_free_times_change(clinic, intake, rowan):
    for row, says in (
        (("mon", "18:00", ""), "Give the day and both times"),
        (("mon", "18:00", "17:00"), "The end must be after the start."),
        (("mon", "18:05", "19:00"), "Use quarter hours"),
    ):
        bad = intake.post(url(rowan), typed(("mon", "06:00", "22:00"), row))
        assert bad.status_code == 422 and says in bad.text
    good = typed(("tue", "18:15", "20:00"), ("mon", "08:00", "12:00"), ("mon", "11:00", "17:00"), ("", "", ""))
    assert intake.post(url(rowan), good).status_code == 302
    assert fresh(clinic, rowan).availability == ["mon 08:00-17:00", "tue 18:15-20:00"]
    assert shown(intake.get(url(rowan)).text) == [("mon", "08:00", "17:00"), ("tue", "18:15", "20:00")]


def test_a_row_more_or_one_less_keeps_what_was_typed_and_saves_nothing(clinic, intake, rowan):
    rows = [("mon", "06:00", "08:00"), ("wed", "18:00", "20:00")]
    more = intake.post(url(rowan), typed(*rows, more="1"))
    assert more.status_code == 200 and shown(more.text) == rows and more.text.count('class="time-row"') == 3
    less = intake.post(url(rowan), typed(*rows, remove="0"))
    assert less.status_code == 200 and shown(less.text) == rows[1:]
    assert fresh(clinic, rowan).availability == ["mon 17:00-21:15"]


PAINTED = ["mon 06:00-08:00", "mon 18:00-20:00", "tue 20:00-24:00"]


@pytest.mark.parametrize("way", ["painted", "rows"])
def test_saving_again_what_a_visitor_painted_loses_nothing(clinic, intake, way):
    rowan = people.asking(clinic, availability=PAINTED)
    page = intake.get(url(rowan)).text
    assert "6:00 to 8:00 am, 6:00 to 8:00 pm" in page and "8:00 pm to midnight" in page
    if way == "painted":
        week = html.unescape(re.search(r'name="painted" value="([^"]*)"', page).group(1))
        sent = {"do": "free", "painted": week}
    else:
        sent = typed(*shown(page))
    assert intake.post(url(rowan), sent).status_code == 302
    assert fresh(clinic, rowan).availability == PAINTED


def test_midnight_ends_the_day_when_an_inquiry_is_taken_down(clinic, intake):
    told = {"first_name": "Lee", "phone": "555-014-2777", "came_through": "phone", "for_whom": "me"}
    told |= {"pathway": "first-line", "referral_source": "self", "language": "en", "site": clinic.site.pk}
    done = intake.post(reverse("inquiry-new"), {**told, "mon_from": "18:00", "mon_to": "00:00"}, follow=True)
    assert "6:00 pm to midnight" in done.text


def test_closing_and_reopening(clinic, intake, rowan):
    assert intake.post(url(rowan), {"do": "close", "reason": "other"}).status_code == 422
    intake.post(url(rowan), {"do": "close", "reason": "cost"})
    body = intake.get(url(rowan)).content.decode()
    assert "Closed without care" in body and "Cost" in body
    intake.post(url(rowan), {"do": "reopen"})
    assert fresh(clinic, rowan).status == "new"


def test_an_older_page_is_told_so(clinic, intake, rowan):
    intake.post(url(rowan), {"do": "own", "next_step": "Call", "seen_version": "1"})
    stale = intake.post(url(rowan), {"do": "own", "next_step": "Write", "seen_version": "1"})
    assert stale.status_code == 422
    assert "Someone else changed this" in stale.content.decode()


# ---- referral out ----------------------------------------------------------------------------------------------


def test_a_referral_from_the_inquiry_to_the_closed_loop(clinic, intake, rowan):
    assert intake.get(url(rowan, "refer-out")).status_code == 200
    wrong = intake.post(url(rowan, "refer-out"), {"to": "", "reason": "kept words"})
    assert wrong.status_code == 422 and "kept words" in wrong.content.decode()
    answer = intake.post(
        url(rowan, "refer-out"),
        {"to": "County unit", "reason": "Medical care first", "level_of_care": "3.7", "done": ["warm-call"]},
        follow=True,
    )
    assert "Not to be sent yet" in answer.content.decode()
    with clinic.seen_by("intake-coordinator"):
        made = queries.referrals_out(rowan).get()
    intake.post(url(made, "referral"), {"do": "items", "done": ["consent-to-share", "naloxone"]})
    intake.post(url(made, "referral"), {"do": "accept", "accepted_by": "Nurse Hale"})
    intake.post(url(made, "referral"), {"do": "close", "outcome": "arrived"})
    with CaptureQueriesContext(connection) as seen:
        body = intake.get(url(made, "referral")).content.decode()
    assert asked_of(seen) <= MOST_QUERIES
    assert "Nurse Hale" in body and "Arrived there" in body and "Not to be sent yet" not in body
    printed = intake.get(url(made, "referral-print")).content.decode()
    assert "42 CFR" in printed and "Medical care first" in printed


def test_a_counselor_refers_their_client_and_no_other(clinic, client, wren):
    client.force_login(clinic.people["counselor"])
    answer = client.post(reverse("refer-out-client", args=[wren.pk]), {"to": "Pain clinic", "reason": "Pain plan"})
    assert answer.status_code == 302
    inquiry = people.seen(clinic)
    made = actions.refer_out.run(
        clinic.actor("intake-coordinator"), client=inquiry.client, to="Elsewhere", reason="Because"
    )
    client.force_login(builders.a_second(clinic, "counselor", "stranger"))
    assert client.get(url(made, "referral")).status_code == 404
