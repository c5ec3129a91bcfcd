"""The plan of care and the client's own prevention plan."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from middleground.careplan import actions as careplan
from middleground.faces.doors import page
from middleground.faces.portal import reading
from middleground.faces.portal.frame import CLIENT, go_on, me, show
from middleground.recovery import queries
from middleground.recovery.actions import write_prevention_plan


@page("me/plan/", name="portal-plan", by=CLIENT, title=_("My plan"))
def plan(request: HttpRequest) -> HttpResponse:
    """The plan in force in plain order, with room to comment and to sign."""
    client = me(request)
    found = reading.plan_of_care(client)
    own = queries.prevention_plan(client)
    if found is None:
        return show(request, "plan", {"plan": None, "own": own})
    mine, problems = found
    sign_form, comment_form = careplan.client_sign_plan.form(plan=mine), careplan.comment.form(plan=mine)
    form = None
    if request.method == "POST":
        signing = request.POST.get("do") == "sign"
        done = (careplan.client_sign_plan if signing else careplan.comment).submit(request, plan=mine)
        if done:
            return go_on(
                request, done, _("Signed. Thank you.") if signing else _("Your team will read this."), "portal-plan"
            )
        form = done.form
        sign_form, comment_form = (form, comment_form) if signing else (sign_form, form)
    given = {"plan": mine, "problems": problems, "own": own, "hours": round(mine.prescribed_minutes / 60, 1)}
    return show(request, "plan", {**given, "sign_form": sign_form, "comment_form": comment_form}, form)


@page("me/prevention/", name="portal-prevention", by=CLIENT, title=_("My prevention plan"))
def prevention(request: HttpRequest) -> HttpResponse:
    """The client's plan for hard days, written in lines of their own."""
    client = me(request)
    now = queries.prevention_plan(client)
    initial = {"review_on": now.review_on, "naloxone_at": now.naloxone_at, "seen_plan": now.pk} if now else {}
    if now:
        lists = ("early_signs", "places_to_avoid", "safe_places", "after_use", "reasons")
        initial |= {name: "\n".join(getattr(now, name)) for name in lists}
    form = write_prevention_plan.form(initial=initial, client=client)
    if request.method == "POST":
        done = write_prevention_plan.submit(request, client=client)
        if done:
            messages.success(request, say("Saved. Show it to your counselor when you like."))
            return redirect("portal-plan")
        form = done.form
    return show(request, "prevention", {"form": form, "plan": now}, form)
