"""Why hours are out of reach: one client's reasons on their chart, and what one more group would do for all who wait."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from middleground.faces.doors import page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.faces.web.planner import BY, WAIT, chosen_site, how_far, sites_of, stopped
from middleground.faces.web.week import BY as CHART
from middleground.kernel.errors import Refused
from middleground.timetable import runs, waiting

GONE = "There is no answer: it was looked at before, or the search ended early. Nothing has changed. Ask again."
STOPPED = (
    "You stopped the search before it had found anything. That is fine: nothing has changed. Ask again when you like."
)


@page("clients/<int:client_id>/week/why/", name="chart-why", by=CHART, title="Why not more hours")
def chart_why(request: HttpRequest, client_id: int) -> HttpResponse:
    """What keeps this client from their hours, and the one change that would help most."""
    client = client_or_404(client_id)
    url = reverse("chart-why", args=[client.pk])
    if wants_stop(request):
        return stop(request, url)
    if request.method == "POST":
        try:
            token = waiting.begin_reasons(request.actor, client)  # type: ignore[attr-defined]
        except Refused as no:
            messages.error(request, no.message)
            return redirect("chart-why", client.pk)
        return answered_soon(request, url, token)
    context = run_context(request, "explain", url)
    if context.get("state") and context["state"].told["asked"].get("client") != client.pk:
        context = {}
    if answer := context.get("answer"):
        context["reasons"] = waiting.reasons_of(answer, context["state"].told["asked"], client.language)
        context["short"] = not all(each.reached for each in context["reasons"])
        context["cut"] = any(each.cut for each in context["reasons"])
        if not any(each.reach for each in context["reasons"]):
            context = {"gone": STOPPED if context["state"].stopped else GONE}
    if request.headers.get("HX-Request"):
        return part_or_reload(request, context)
    return chart_page(request, "web/planner_why.html", client, context, tab="chart-week")


@page("planner/waiting/", name="planner-waiting", by=BY, title="Who waits")
def planner_waiting(request: HttpRequest) -> HttpResponse:
    """What one more group would do for all who wait."""
    sites = sites_of(request)
    site = chosen_site(request, sites)
    if wants_stop(request):
        return stop(request, reverse("planner-waiting"))
    if request.method == "POST" and site is not None:
        try:
            token = waiting.begin_waiting(request.actor, site.pk)  # type: ignore[attr-defined]
        except Refused as no:
            messages.info(request, no.message)
            return redirect("planner-waiting")
        return answered_soon(request, reverse("planner-waiting"), token)
    context = run_context(request, "together", reverse("planner-waiting"))
    if answer := context.get("answer"):
        context["found"] = waiting.together_of(answer)
        site = next((each for each in sites if each.pk == context["state"].told["site"]), site)
        if not context["found"].looked:
            context = {"gone": STOPPED if context["state"].stopped else GONE}
    if request.headers.get("HX-Request"):
        return part_or_reload(request, context)
    return render(request, "web/planner_waiting.html", {**context, "sites": sites, "site": site})


def answered_soon(request: HttpRequest, url: str, token: str) -> HttpResponse:
    runs.wait(token, request.actor.user_id, 2 * WAIT)  # type: ignore[attr-defined]
    return redirect(run_url(url, token))


def wants_stop(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("do") == "stop"


def stop(request: HttpRequest, url: str) -> HttpResponse:
    """The run named in the address ends with what it has."""
    token = request.GET.get("run", "")
    return stopped(request, token, run_url(url, token))


def run_url(url: str, token: str) -> str:
    return f"{url}?{urlencode({'run': token})}"


def run_context(request: HttpRequest, end: str, url: str) -> dict[str, Any]:
    """How the run named in the address stands: `running`, or its `answer`, or `gone`."""
    token = request.GET.get("run", "")
    if not token:
        return {}
    state = runs.state(token, request.actor.user_id)  # type: ignore[attr-defined]
    answer = state.answers.get(end) if state else None
    if state is None or (not state.running and (answer is None or "error" in answer)):
        return {"gone": STOPPED if state is not None and state.stopped else GONE}
    context = {"state": state, "running": state.running, "answer": answer, "so_far": waiting.far_so_far(state)}
    return context | how_far(state, run_url(url, token))


def part_or_reload(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if context.get("running"):
        return render(request, "web/planner_running.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"})
