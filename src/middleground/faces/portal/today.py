"""The first page of a client's companion, the week, and what they built."""

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from middleground.faces.doors import Nav, page
from middleground.faces.portal import reading
from middleground.faces.portal.frame import CLIENT, do, go_on, me, show
from middleground.faces.portal.my_times import to_make_up
from middleground.kernel import clock, desk
from middleground.kernel.desk import read_notices
from middleground.program import queries as program
from middleground.program.models import Session
from middleground.records.models import Client
from middleground.recovery import actions, queries
from middleground.timetable import makeup
from middleground.timetable.queries import Seen

DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


@page("me/", name="portal-today", by=CLIENT, title=_("Today"), nav=Nav("client", _("Today"), "sun", 10))
def today(request: HttpRequest) -> HttpResponse:
    """Today's sessions, one next step, the check-in, and news."""
    client = me(request)
    day = clock.today()
    coming = reading.coming(client)
    last = queries.check_ins(client).first()
    return show(
        request,
        "today",
        {
            "client": client,
            "day": day,
            "todays": [m for m in coming if m.on == day],
            "next_meeting": next((m for m in coming if m.on > day), None),
            "last": last if last and timezone.localdate(last.at) == day else None,
            "step": next_step(client),
            "news": [n for n in desk.notices(request.actor.user_id) if n.read_at is None][:5],  # type: ignore[attr-defined]
        },
    )


def next_step(client: Client) -> dict[str, str]:
    """The one thing worth doing next: sign the plan, make the craving card, or a lesson."""
    if reading.plan_to_sign(client):
        return {"words": say("Your plan is ready. Read it and sign."), "url": reverse("portal-plan"), "icon": "sign"}
    if not queries.coping_steps(client).exists():
        return {
            "words": say("Make your craving card. It takes five minutes."),
            "url": reverse("portal-craving-edit"),
            "icon": "lifebuoy",
        }
    return {"words": say("Read a short lesson."), "url": reverse("portal-lessons"), "icon": "book"}


@page("me/news/read/", name="portal-news-read", by=CLIENT)
def news_read(request: HttpRequest) -> HttpResponse:
    """The client has seen their news."""
    if request.method == "POST":
        read_notices.run(request.actor)  # type: ignore[attr-defined]
    return redirect("portal-today")


@page("me/week/", name="portal-week", by=CLIENT, title=_("Week"), nav=Nav("client", _("Week"), "calendar", 20))
def week(request: HttpRequest) -> HttpResponse:
    """The booked sessions of this week or the next, day by day, and the hours in words."""
    client = me(request)
    after = request.GET.get("week") == "next"
    monday = clock.today() - timedelta(days=clock.today().weekday()) + timedelta(days=7 * after)
    seen, ahead = Seen(client), max(makeup.rules()["ahead"], (monday - clock.today()).days + 7)
    rows = list(program.attendance_of(client, min(monday, makeup.missed_since())))
    laid = program.laid_out(client, min(clock.now(), midnight(monday)), clock.now() + timedelta(days=ahead))
    booked = [s for s in laid if s.end > clock.now() and s.status != Session.Status.NOT_HELD]
    coming = reading.meetings(client, monday, monday + timedelta(days=6), rows, booked)
    days = [
        (DAYS[n], monday + timedelta(days=n), [m for m in coming if m.on == monday + timedelta(days=n)])
        for n in range(7)
    ]
    context = {"days": [d for d in days if d[2]], "after": after, "today": clock.today(), "now": clock.now()}
    missed = [] if after else makeup.missed(seen, rows, booked)
    end = monday + timedelta(days=7)
    own = [s for s in laid if monday <= timezone.localdate(s.start) < end]
    dose = reading.dose(seen.episode, monday, own, rows, makeup.open_minutes(seen, missed, end))
    return show(request, "week", {**context, "dose": dose, "missed": to_make_up(missed)})


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@page("me/built/", name="portal-built", by=CLIENT, title=_("What I built"))
def built(request: HttpRequest) -> HttpResponse:
    """Check-ins over time, milestones and events on one line that never resets."""
    client = me(request)
    if request.method == "POST":
        done = actions.record_milestone.submit(request, client=client, on=None)
        return go_on(request, done, _("Marked. Well done."), "portal-built")
    trend, pattern = queries.trend(client), queries.week_pattern(client)
    went_on = say("A return to use. I went on from there.")
    events = [(on, "star" if said else "wave", said or went_on) for on, said in queries.events(client)]
    return show(
        request,
        "built",
        {
            "client": client,
            "trend": trend,
            "points": [(reading.day_words(day), craving) for day, craving, _mood in trend.points],
            "peak": DAYS[pattern.peak] if pattern.peak is not None else "",
            "events": events,
            "form": actions.record_milestone.form(client=client, on=None),
            "times": queries.check_ins(client).count(),
            "lessons": sum(1 for row in queries.lesson_progress(client).values() if row.finished_at),
        },
    )


@page("me/return-to-use/", name="portal-return-to-use", by=CLIENT, title=_("I used"))
def return_to_use(request: HttpRequest) -> HttpResponse:
    """Telling us about a use: kind words, an event and not a reset, and what to do next."""
    client = me(request)
    action = actions.record_return_to_use
    form = action.form(initial={"on": clock.today()}, client=client)
    if request.method == "POST":
        done = action.submit(request, client=client)
        if done:
            return redirect("portal-after-use")
        form = done.form
    return show(request, "return_to_use", {"form": form, "steps": queries.next_right_steps()}, form)


@page("me/return-to-use/next/", name="portal-after-use", by=CLIENT, title=_("Thank you for telling us"))
def after_use(request: HttpRequest) -> HttpResponse:
    """The next right step, and everything that is still theirs."""
    client = me(request)
    plan = queries.prevention_plan(client)
    context = {"steps": queries.next_right_steps(), "own": plan.after_use if plan else []}
    kept = {"times": queries.check_ins(client).count(), "milestones": queries.milestones(client).count()}
    coming = reading.coming(client)
    return show(request, "after_use", {**context, **kept, "next_meeting": coming[0] if coming else None})


@page("me/copy/", name="portal-copy", by=CLIENT)
def ask_for_copy(request: HttpRequest) -> HttpResponse:
    """The client asks for a copy of their record."""
    if request.method != "POST":
        return redirect("portal-record")
    done = do(request, actions.ask_for_record_copy, client=me(request))
    return go_on(request, done, _("We got it. We will give you your copy within 30 days."), "portal-record")
