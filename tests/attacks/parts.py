"""For each part of an address (client_id, session_id ...) a row of the demo clinic: the client whose sign-in the demo prints, and what is theirs."""

from typing import Any

from django.db.models import Model

from middleground.careplan.models import AftercarePlan
from middleground.clinic.models import User
from middleground.records.models import Client


def of_demo() -> dict[Any, Any]:
    """Part of an address -> a value that leads to a page that is there; (page, part) -> where one page needs another value."""
    from middleground.demo import sign_ins

    own = User.objects.get(username=next(u for role, u, _ in sign_ins() if role == "client"))
    client = Client.objects.get(pk=own.client_id)
    parts: dict[Any, Any] = {
        "client_id": client.pk,
        "user_id": User.objects.get(username="cora").pk,
        "site_id": 1,
        "draft_key": "walk:1",
        "sort": "medical",
        "what": "medicine",
        "scale": "cows",
        "instrument": "phq-9",
        "lesson_id": "cravings",
        "sealed": "nobody",
        "token": "nobodys",
        ("family-lesson", "lesson_id"): "family-talking",
        ("medicine-change", "what"): "dose",
    }
    parts["proposal_id"], parts["move_id"] = a_proposal("repair").pk, a_proposal("move").pk
    parts["apart_id"] = a_pair(client).pk
    gone = AftercarePlan.objects.filter(client__team__user__username="cora").order_by("-pk").first()
    if gone is not None:
        parts |= {("discharge-print", "client_id"): gone.client_id, ("aftercare-print", "client_id"): gone.client_id}
    for name, (model, filters) in rows(client).items():
        row = (
            model._default_manager.filter(**filters).order_by("-pk").first()
            or model._default_manager.order_by("-pk").first()
        )
        if row is not None:
            parts[name] = row.pk
    return parts


def a_proposal(question: str) -> Model:
    """A repair to choose, as the planner keeps one: somebody else leads the first group of the week. Or a move of the board."""
    from types import SimpleNamespace

    from middleground.clinic.models import Site
    from tests.timetable.repairs import answer_of, proposed, seen_week

    people = {"program-director": User.objects.get(username="dee"), "counselor": User.objects.get(username="cora")}
    clinic = SimpleNamespace(site=Site.objects.get(pk=1), people=people, actor=lambda role: people[role].actor())
    week = seen_week(clinic)
    answer = answer_of(week)
    answer["groups"][0]["lead"] = f"st{people['program-director'].pk}"
    return proposed(clinic, week, answer, question)


def a_pair(client: Client) -> Model:
    """Somebody on staff the client must not meet."""
    from middleground.records.actions import keep_apart

    people = {name: User.objects.get(username=name) for name in ("dee", "bill")}
    return keep_apart.run(people["dee"].actor(), client=client, staff=people["bill"])


def rows(client: Client) -> dict[Any, tuple[type[Model], dict[str, Any]]]:
    from middleground.admissions.models import Inquiry, ReferralOut
    from middleground.assessment.models import Assessment, InstrumentResult, WithdrawalCheck
    from middleground.careplan.models import Plan
    from middleground.coverage import models as coverage
    from middleground.family.models import FamilyMember, FamilyMessage
    from middleground.medical import models as medical
    from middleground.program.models import Attendance, Group, Session
    from middleground.records.models import Consent, Disclosure, EmergencyAccess, Task
    from middleground.recovery.models import CheckIn
    from middleground.supports import models as supports

    theirs = {"client": client}
    latest = Attendance.objects.filter(client=client, session__sort="group").order_by("-session__start").first()
    return {
        "inquiry_id": (Inquiry, {"status": "contacted"}),
        "referral_id": (ReferralOut, theirs),
        ("support-referral", "referral_id"): (supports.SupportReferral, theirs),
        "assessment_id": (Assessment, theirs),
        "result_id": (InstrumentResult, theirs),
        "check_id": (WithdrawalCheck, theirs),
        "plan_id": (Plan, theirs),
        "member_id": (FamilyMember, theirs),
        "message_id": (FamilyMessage, {"client": None}),
        ("family-message-done", "message_id"): (FamilyMessage, theirs),
        "medication_id": (medical.Medication, theirs),
        "condition_id": (medical.Condition, theirs),
        "allergy_id": (medical.Allergy, theirs),
        "screen_id": (medical.DrugScreen, theirs),
        "group_id": (Group, {"memberships__client": client}),
        "session_id": (Session, {"pk": latest.session_id if latest else 0}),
        "consent_id": (Consent, theirs),
        "disclosure_id": (Disclosure, theirs),
        "opened_id": (EmergencyAccess, {}),
        "task_id": (Task, {"done_at": None}),
        "check_in_id": (CheckIn, theirs),
        "need_id": (supports.Need, theirs),
        "resource_id": (supports.SupportResource, {}),
        "policy_id": (coverage.Policy, theirs),
        "authorization_id": (coverage.Authorization, theirs),
        "service_id": (coverage.Service, theirs),
        "payment_id": (coverage.Payment, theirs),
        "estimate_id": (coverage.GoodFaithEstimate, theirs),
        "fee_id": (coverage.FeeAgreement, theirs),
    }
