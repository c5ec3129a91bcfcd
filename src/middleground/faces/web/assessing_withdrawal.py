"""Pages of the withdrawal check: ask with what is already known, read the result, sign it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from middleground.assessment import actions, queries, sections
from middleground.assessment.models import WithdrawalCheck
from middleground.engines import scoring
from middleground.faces.doors import found, page
from middleground.faces.web import assessing_forms as asked
from middleground.faces.web import assessing_words as words
from middleground.faces.web.assessing import READERS, WRITERS
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import clock, desk
from middleground.records.models import Client

SCALES = ("ciwa-ar", "pawss", "cows", "ciwa-b")
VITALS = ("heart_rate", "systolic", "diastolic", "resp_rate", "spo2", "temp_c", "glucose_mg_dl")
GROUPS = (
    (
        "Today",
        "What is seen and measured now.",
        ("intoxicated", "breath_alcohol", "signs", "vitals_consciousness", *(f"vitals_{v}" for v in VITALS)),
    ),
    (
        "Scales",
        "Totals of today; give the scale first where it is needed.",
        tuple(f"scales_{scale}" for scale in SCALES),
    ),
    (
        "History and health",
        "",
        (
            "history_withdrawal_seizure",
            "history_delirium",
            "history_withdrawals",
            "age",
            "pregnant",
            "conditions",
            "suicide_risk",
        ),
    ),
    ("Around the client", "", ("setting_daily_visits", "setting_home", "setting_transport")),
)


def question(id: str) -> sections.Question:
    """A question of either assessment, for its wording and range."""
    return sections.questions("medical").get(id) or sections.questions("clinical")[id]


def fields() -> dict[str, forms.Field]:
    """The form's fields, named after the JSON pointers of the withdrawal engine ("/vitals/heart_rate" is vitals_heart_rate)."""

    def like(id: str) -> forms.Field:
        return asked.question_fields(question(id))[id]

    made = asked.substance_fields("Substances used in the last 90 days", asked.SHORT_ROW)
    made |= {
        id: like(id) for id in ("intoxicated", "breath_alcohol", "signs", "pregnant", "conditions", "suicide_risk")
    }
    made |= {f"vitals_{id}": like(id) for id in (*VITALS, "consciousness")}
    made |= {f"history_{id}": like(id) for id in ("withdrawal_seizure", "delirium", "withdrawals")}
    made |= {f"setting_{id}": like(id) for id in ("daily_visits", "home", "transport")}
    made |= {f"scales_{id}": scale_field(id) for id in SCALES}
    made["age"] = asked.number("Age", 0, 130)
    return made


def scale_field(id: str) -> forms.Field:
    known = {form.id: form for form in scoring.instruments()}.get(id)
    label = words.word("facts", f"scales/{id}")
    return asked.number(
        label, 0, known.bands[-1].high if known else None, help=f"0 to {known.bands[-1].high:g}" if known else ""
    )


@page("clients/<int:client_id>/withdrawal/", name="withdrawal", by=WRITERS, title="Withdrawal check")
def withdrawal(request: HttpRequest, client_id: int) -> HttpResponse:
    """Everything the rules ask, filled in with what the client already told us."""
    client = client_or_404(client_id)
    if request.method != "POST":
        initial, restored, sources = begun(request, client)
        return show(request, client, asked.of("WithdrawalForm", fields(), None, initial), restored, sources)
    form = asked.of("WithdrawalForm", fields(), request.POST, {})
    line = line_of(form.cleaned_data, clock.now()) if form.is_valid() else {}
    done = actions.check_withdrawal.submit(request, form=form, client=client, given=line)
    if not done or done.result is None:
        return show(request, client, done.form, None, {}, status=422)
    return redirect("withdrawal-result", check_id=done.result.pk)


def begun(request: HttpRequest, client: Client) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """Initial values: an unsaved draft, else what is on record; and where the scales come from."""
    draft = desk.draft(request.actor.user_id, f"withdrawal:{client.pk}")  # type: ignore[attr-defined]
    if draft is not None:
        return asked.restored(fields(), draft[0]), draft[1], {}
    check, scales = queries.latest_check(client), scales_on_record(client)
    before = answered(check) if check is not None and queries.is_in_date(check) else {}
    newer = {
        id: row for id, row in scales.items() if f"scales_{id}" not in before or (check and row.given_at > check.at)
    }
    totals = {f"scales_{id}": row.total for id, row in newer.items()}
    told = {
        id: value
        for id, value in known(queries.told(client)).items()
        if not ("substances" in before and id.startswith("substances"))
    }
    return {**told, "age": words.age_of(client, clock.today()), **before, **totals}, None, scales


def answered(check: WithdrawalCheck) -> dict[str, Any]:
    """What the last check was asked, so that a missing answer can be added without asking the rest again."""
    line: dict[str, Any] = check.input
    initial: dict[str, Any] = {}
    for group in ("scales", "history", "vitals", "setting"):
        initial |= {f"{group}_{id}": said(value) for id, value in (line.get(group) or {}).items() if value is not None}
    for id in ("age", "pregnant", "breath_alcohol", "intoxicated", "suicide_risk"):
        initial |= {id: said(line[id])} if line.get(id) is not None else {}
    for id in ("conditions", "signs"):
        initial |= {id: line[id] or ["none"]} if line.get(id) is not None else {}
    if line.get("substances") is not None:
        rows = [{**row, "last_use_at": used_at(row.get("last_use_hours"), check.at)} for row in line["substances"]]
        initial |= {"substances": "some" if rows else "none", **asked.initial_rows(rows)}
    return initial


def said(value: Any) -> Any:
    return asked.yes_or_no(value) if isinstance(value, bool) else value


def used_at(hours: float | None, now: datetime) -> str | None:
    return None if hours is None else (now - timedelta(hours=hours)).isoformat()


def scales_on_record(client: Client) -> dict[str, Any]:
    """The last total of each scale; one that asks about now counts only on its own day."""
    last: dict[str, Any] = {}
    for result in queries.results(client).filter(instrument__in=SCALES)[:50]:
        last.setdefault(result.instrument, result)
    now_only = {form.id for form in scoring.instruments() if form.recall.days == 0}
    return {
        id: result
        for id, result in last.items()
        if id not in now_only or timezone.localdate(result.given_at) == clock.today()
    }


def known(told: dict[str, Any]) -> dict[str, Any]:
    """Answers of the assessments under the names of this form."""
    kept = {
        id: value
        for id, value in told.items()
        if id in sections.questions("medical") or id in sections.questions("clinical")
    }
    initial = {
        **asked.initial_of(sections.sections("clinical"), kept),
        **asked.initial_of(sections.sections("medical"), kept),
    }
    names = {
        id: f"{group}_{id}"
        for group, ids in (
            ("vitals", (*VITALS, "consciousness")),
            ("history", ("withdrawal_seizure", "delirium", "withdrawals")),
            ("setting", ("daily_visits", "home", "transport")),
        )
        for id in ids
    }
    return {names.get(id, id): value for id, value in initial.items()}


def line_of(typed: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What was typed as a line of the withdrawal engine; what was not asked stays null."""

    def number(name: str) -> Any:
        value = typed.get(name)
        return int(value) if value is not None and float(value).is_integer() else value

    def listed(name: str) -> list[str] | None:
        said = asked.several_of(typed.get(name) or [])
        return None if not said["asked"] else said.get("chosen", [])

    def flag(name: str) -> bool | None:
        return asked.flag(typed.get(name))

    return {
        "substances": substances(typed, now),
        "scales": {id: number(f"scales_{id}") for id in SCALES},
        "history": {
            "withdrawal_seizure": flag("history_withdrawal_seizure"),
            "delirium": flag("history_delirium"),
            "withdrawals": number("history_withdrawals"),
        },
        "age": number("age"),
        "pregnant": flag("pregnant"),
        "breath_alcohol": typed.get("breath_alcohol"),
        "intoxicated": flag("intoxicated"),
        "conditions": listed("conditions"),
        "signs": listed("signs"),
        "suicide_risk": typed.get("suicide_risk") or None,
        "vitals": {
            **{id: number(f"vitals_{id}") for id in VITALS},
            "consciousness": typed.get("vitals_consciousness") or None,
        },
        "setting": {
            "daily_visits": flag("setting_daily_visits"),
            "home": typed.get("setting_home") or None,
            "transport": flag("setting_transport"),
        },
    }


def substances(typed: dict[str, Any], now: datetime) -> list[dict[str, Any]] | None:
    rows = asked.rows_of(typed)
    if not rows:
        return [] if typed.get("substances") == "none" else None
    return [
        {
            "substance": row["substance"],
            "last_use_hours": asked.hours_since(row["last_use_at"], now),
            "daily": row["daily"],
            "weeks": row["weeks"],
        }
        for row in rows
    ]


def show(
    request: HttpRequest, client: Client, form: forms.Form, restored: Any, scales: dict[str, Any], status: int = 200
) -> HttpResponse:
    rows, more = asked.rows_laid_out(form, asked.SHORT_ROW)
    groups = [
        {
            "title": title,
            "lead": lead,
            "id": title.lower().replace(" ", "-"),
            "fields": [(form[name], css(form, name)) for name in names],
        }
        for title, lead, names in GROUPS
    ]
    return chart_page(
        request,
        "web/withdrawal.html",
        client,
        {
            "form": form,
            "draft_key": f"withdrawal:{client.pk}",
            "rows": rows,
            "more": more,
            "groups": groups,
            "restored": restored,
            "scales": scales,
            "scale_links": [
                (id, words.word("facts", f"scales/{id}"))
                for id in SCALES
                if id in {f.id for f in scoring.instruments()}
            ],
        },
        tab="chart-assessment",
        status=status,
    )


def css(form: forms.Form, name: str) -> str:
    """How a field stands: rows of buttons for choices, two columns for yes and no."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        return ""
    return "segmented" if len(list(field.widget.choices)) == len(asked.YES_NO) else "segmented whole"


@page("withdrawal-checks/<int:check_id>/", name="withdrawal-result", by=READERS, title="Withdrawal check")
def withdrawal_result(request: HttpRequest, check_id: int) -> HttpResponse:
    """What the rules said, why, what is missing, what would change it; a prescriber signs here."""
    check = found(queries.check(check_id))
    if request.method != "POST":
        return read_check(request, check, actions.sign_withdrawal_check.form(check=check))
    done = actions.sign_withdrawal_check.submit(request, check=check)
    if not done:
        return read_check(request, check, done.form, status=422)
    messages.success(request, "Signed.")
    return redirect("chart-assessment", client_id=check.client_id)


def read_check(request: HttpRequest, check: WithdrawalCheck, form: forms.Form, status: int = 200) -> HttpResponse:
    open_to_sign = check.result in queries.SIGNABLE and check.signed_at is None and queries.is_in_date(check)
    monitoring = check.monitoring or {}
    return chart_page(
        request,
        "web/withdrawal_result.html",
        check.client,
        {
            "check": check,
            "said": words.table("results").get(check.result, {}),
            "in_date": queries.is_in_date(check),
            "missing": words.missing(check.missing),
            "changes": words.would_change(check.would_change),
            "advice": [words.word("advice", code) for code in check.advice],
            "monitoring": monitoring,
            "transfer": [words.word("transfer_if", code) for code in monitoring.get("transfer_if", ())],
            "writes": bool(set(WRITERS) & request.actor.roles),  # type: ignore[attr-defined]
            "form": form if open_to_sign and actions.sign_withdrawal_check.might(request.actor) else None,  # type: ignore[attr-defined]
            "waits": open_to_sign,
        },
        tab="chart-assessment",
        status=status,
    )
