"""The inquiry board and one inquiry: who asked, what was promised, what comes next."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from middleground.admissions import actions, queries
from middleground.admissions.following import ASSESSORS, usual_minutes
from middleground.admissions.models import Inquiry
from middleground.admissions.openings import openings
from middleground.admissions.words import choices, label
from middleground.clinic.queries import everyone, rooms
from middleground.faces.doors import Nav, found, page
from middleground.faces.site.availability import Week, in_words
from middleground.faces.web.inquiry_week import FreeTimes
from middleground.kernel import clock
from middleground.kernel.actions import Action, Submission
from middleground.kernel.asking import NOT_CHOSEN

INTAKE = ("intake-coordinator", "program-director")
A_PAGE = 50
TONES = {
    "new": "watch",
    "contacted": "info",
    "assessment-booked": "info",
    "assessing": "accent",
    "recommended": "accent",
    "admitted": "good",
    "referred-out": "plain",
    "lost": "plain",
}
OWNERS = (("", "Anyone"), ("me", "Me"), ("nobody", "Nobody yet"))


@page("inquiries/", name="inquiries", by=INTAKE, title="Inquiries", nav=Nav("staff", "Inquiries", "phone", 20))
def inquiries(request: HttpRequest) -> HttpResponse:
    """The board: open inquiries by status, the most urgent promise first; closed ones as a list by when they came in."""
    chosen = {name: request.GET.get(name, "").strip() for name in ("q", "status", "owner", "pathway", "source")}
    rows = queries.inquiries(
        chosen["status"] or ("" if chosen["q"] else "open"),
        _owner(request, chosen["owner"]),
        chosen["pathway"],
        chosen["source"],
        chosen["q"],
    )
    rows = rows.filter(owner=None) if chosen["owner"] == "nobody" else rows
    waiting = queries.board(rows, clock.now()) if _is_open(chosen) else []
    listed: Any = Paginator(waiting if _is_open(chosen) else rows, A_PAGE).get_page(request.GET.get("page"))
    shown = list(listed) if _is_open(chosen) else queries.board(listed, clock.now())
    return render(
        request,
        "web/inquiries.html",
        {
            "listed": listed,
            "groups": _groups(shown),
            "chosen": chosen,
            "stats": _stats(waiting),
            "is_open": _is_open(chosen),
            "filters": _filters(),
            "more": "&".join(f"{name}={value}" for name, value in chosen.items() if value),
        },
    )


def _is_open(chosen: dict[str, str]) -> bool:
    return not chosen["q"] and chosen["status"] not in ("closed", *queries.CLOSED)


def _owner(request: HttpRequest, owner: str) -> int | None:
    return request.actor.user_id if owner == "me" else None  # type: ignore[attr-defined]


def _groups(shown: list[queries.Waiting]) -> list[dict[str, Any]]:
    """The rows of each status, in the order in which somebody passes through them."""
    return [
        {"status": value, "label": name, "tone": TONES[value], "rows": [_row(w) for w in mine]}
        for value, name in Inquiry.Status.choices
        if (mine := [w for w in shown if w.stage == value])
    ]


def _row(waiting: queries.Waiting) -> dict[str, Any]:
    row = waiting.inquiry
    return {
        "inquiry": row,
        "next_step": "Admit or refer out" if waiting.stage == Inquiry.Status.RECOMMENDED else row.next_step,
        "promise": waiting.promise,
        "tone": waiting.tone,
        "pathway": label("pathways", row.pathway),
        "source": label("referral-sources", row.referral_source),
        "lost": label("lost-reasons", row.lost_reason) if row.lost_reason else "",
    }


def _stats(waiting: list[queries.Waiting]) -> dict[str, int]:
    tones = [w.tone for w in waiting]
    return {
        "open": len(waiting),
        "late": tones.count("danger"),
        "soon": tones.count("watch"),
        "unowned": sum(w.inquiry.owner_id is None for w in waiting),
    }


def _filters() -> dict[str, Any]:
    return {
        "status": [("", "Open"), *Inquiry.Status.choices, ("closed", "All closed")],
        "owner": OWNERS,
        "pathway": [("", "Any way in"), *choices("pathways")],
        "source": [("", "Any source"), *choices("referral-sources")],
    }


# ---- a new one -------------------------------------------------------------------------------------------------


class Taken(Week):
    """The inputs of `take_inquiry` and the week somebody is free."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(actions.take_inquiry.form(availability=[]).fields)
        self.fields["safe_contact"].help_text = "For example: text only, or never at work"


@page("inquiries/new/", name="inquiry-new", by=INTAKE, title="New inquiry")
def inquiry_new(request: HttpRequest) -> HttpResponse:
    """Take down an inquiry while the person is on the phone."""
    first = Taken(
        initial={
            "language": "en",
            "came_through": Inquiry.Came.PHONE,
            "pathway": "first-line",
            "referral_source": "self",
            "for_whom": "me",
        }
    )
    if request.method != "POST":
        _only_site(first)
        return render(request, "web/inquiry_new.html", {"form": first})
    form = Taken(request.POST)
    done = actions.take_inquiry.submit(request, form=form, availability=form.intervals() if form.is_valid() else [])
    if done and done.result:
        messages.success(request, f"Inquiry {done.result.reference} is on the board.")
        return redirect("inquiry", inquiry_id=done.result.pk)
    return render(request, "web/inquiry_new.html", {"form": done.form}, status=422)


def _only_site(form: forms.Form) -> None:
    places = list(form.fields["site"].queryset)  # type: ignore[attr-defined]
    form.initial["site"] = places[0].pk if places else None


# ---- one inquiry -----------------------------------------------------------------------------------------------

DOES: dict[str, Action[Any]] = {
    "contact": actions.log_contact,
    "book": actions.book_assessment,
    "own": actions.own_inquiry,
    "begin": actions.begin_assessment,
    "close": actions.mark_lost,
    "reopen": actions.reopen,
    "free": actions.change_availability,
}
SAID = {
    "contact": "The contact is in the log.",
    "book": "The assessment is booked.",
    "own": "Saved who looks after it.",
    "close": "The inquiry is closed.",
    "reopen": "The inquiry is open again.",
    "free": "Saved the free times.",
}


@page("inquiries/<int:inquiry_id>/", name="inquiry", by=INTAKE, title="Inquiry")
def inquiry(request: HttpRequest, inquiry_id: int) -> HttpResponse:
    """One inquiry. Each form on it says in `do` what it is for; a refused one comes back open, with what was typed."""
    row = found(queries.inquiry(inquiry_id))
    do = request.POST.get("do", "")
    if do == "free" and (form := FreeTimes(request.POST)).is_edited:
        return _page(request, row, do, None, free=form)
    done = _do(request, row, do) if request.method == "POST" and do in DOES else None
    if done and do == "begin" and done.result:
        return redirect("assessment", client_id=done.result.client_id)
    if done:
        messages.success(request, SAID[do])
        return redirect("inquiry", inquiry_id=row.pk)
    return _page(request, row, do, done)


def _do(request: HttpRequest, row: Inquiry, do: str) -> Submission[Any]:
    if do == "free":
        form = FreeTimes(request.POST)
        return DOES[do].submit(
            request, form=form, inquiry=row, availability=form.intervals() if form.is_valid() else []
        )
    fixed = {"known_client": None} if do == "begin" else {}
    return DOES[do].submit(request, inquiry=row, **fixed)


def _page(
    request: HttpRequest, row: Inquiry, do: str, done: Submission[Any] | None, free: FreeTimes | None = None
) -> HttpResponse:
    made = {name: _form(name, row) for name in ("contact", "book", "own", "begin", "close", "free")}
    made["free"] = free or made["free"]
    if done is not None:
        made[do] = done.form
    for name, form in made.items():
        form.auto_id = f"{name}_%s"
    _offer_people(made)
    return render(
        request,
        "web/inquiry.html",
        {
            "inquiry": row,
            "forms": made,
            "do": do,
            "promises": queries.clock(row, clock.now()),
            "story": queries.story(row, queries.contacts(row)),
            "referrals": list(queries.referrals_out(row)),
            "free": in_words(row.availability),
            "tone": TONES[row.status],
            "words": _words(row),
        },
        status=200 if done is None else 422,
    )


def _form(name: str, row: Inquiry) -> forms.Form:
    if name == "free":
        return FreeTimes(kept=row.availability)
    initial: dict[str, dict[str, Any]] = {
        "own": {"owner": row.owner_id, "next_step": row.next_step},
        "book": {"assessor": row.assessor_id, "room": row.room_id},
    }
    return DOES[name].form(
        inquiry=row, initial=initial.get(name, {}), **({"known_client": None} if name == "begin" else {})
    )


def _offer_people(made: dict[str, forms.Form]) -> None:
    """Who may own and who may assess, and the rooms: read once for all the forms on the page."""
    people, places = list(everyone().filter(is_active=True)), list(rooms())
    for form, name, roles in (("own", "owner", INTAKE), ("book", "assessor", ASSESSORS)):
        offer = [(person.pk, person.name) for person in people if set(person.roles) & set(roles)]
        made[form].fields[name].choices = [("", NOT_CHOSEN), *offer]  # type: ignore[attr-defined]
    made["book"].fields["room"].choices = [("", NOT_CHOSEN), *((room.pk, str(room)) for room in places)]  # type: ignore[attr-defined]


def _words(row: Inquiry) -> dict[str, str]:
    return {
        "pathway": label("pathways", row.pathway),
        "source": label("referral-sources", row.referral_source),
        "who": label("inquiry-who", row.for_whom),
        "language": label("languages", row.language),
        "lost": label("lost-reasons", row.lost_reason) if row.lost_reason else "",
    }


@page("inquiries/<int:inquiry_id>/times/", name="inquiry-times", by=INTAKE, title="Next free times")
def inquiry_times(request: HttpRequest, inquiry_id: int) -> HttpResponse:
    """The next real times to offer on the phone; one press books."""
    row = found(queries.inquiry(inquiry_id))
    if request.method == "POST":
        done = actions.book_assessment.submit(request, inquiry=row)
        if done:
            messages.success(request, SAID["book"])
            return redirect("inquiry", inquiry_id=row.pk)
        messages.error(request, done.refused.message if done.refused else "Choose a time from the list.")
    days: dict[Any, list[Any]] = {}
    for each in openings(row.site, clock.now(), usual_minutes(), row.availability):
        days.setdefault(timezone.localdate(each.at), []).append(each)
    return render(
        request,
        "web/inquiry_times.html",
        {"inquiry": row, "days": list(days.items()), "minutes": usual_minutes(), "free": in_words(row.availability)},
        status=422 if request.method == "POST" else 200,
    )
