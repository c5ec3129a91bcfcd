"""Reading supports. Needs, referrals and steps pass the record gate; the directory holds no client data."""

from django.db.models import Case, Q, QuerySet, When

from middleground.kernel import clock
from middleground.records.models import Client

from .models import Need, SupportReferral, SupportResource, SupportStep


def needs(client: Client) -> QuerySet[Need]:
    """Open ones first, the most pressing on top."""
    return Need.objects.filter(client=client)


def need(need_id: int) -> Need | None:
    return Need.objects.filter(pk=need_id).select_related("client", "opened_by").first()


def referrals(client: Client) -> QuerySet[SupportReferral]:
    """Open ones first, by the day of the next check."""
    return SupportReferral.objects.filter(client=client).select_related("need", "sent_by")


def referral(referral_id: int) -> SupportReferral | None:
    return (
        SupportReferral.objects.filter(pk=referral_id)
        .select_related("client", "need", "resource", "sent_by", "consent")
        .first()
    )


def steps(client: Client) -> QuerySet[SupportStep]:
    return SupportStep.objects.filter(client=client).select_related("need", "by")


def open_referrals() -> QuerySet[SupportReferral]:
    """Referrals whose outcome nobody knows yet, by the day of the next check."""
    return (
        SupportReferral.objects.filter(closed_at=None)
        .select_related("client", "need", "sent_by")
        .order_by("next_check_on", "pk")
    )


def checks_due() -> QuerySet[SupportReferral]:
    """Open referrals whose day to ask has come."""
    return open_referrals().filter(next_check_on__lte=clock.today())


def unmet_needs() -> QuerySet[Need]:
    """Open needs of all clients in view, by area and priority."""
    return Need.objects.filter(met_at=None).select_related("client").order_by("area", "priority", "opened_at")


def resources(area: str = "", search: str = "", language: str = "") -> list[SupportResource]:
    """The directory: places still there, by area and name; `search` matches name, eligibility and note."""
    found = SupportResource.objects.filter(is_current=True)
    if area:
        found = found.filter(area=area)
    for word in search.split()[:4]:
        found = found.filter(Q(name__icontains=word) | Q(eligibility__icontains=word) | Q(note__icontains=word))
    return [each for each in found if not language or language in each.languages]


def places(area: str) -> QuerySet[SupportResource]:
    """Places still there, those of this area first."""
    here = Case(When(area=area, then=0), default=1)
    return SupportResource.objects.filter(is_current=True).order_by(here, "area", "name")


def resource(resource_id: int) -> SupportResource | None:
    return SupportResource.objects.filter(pk=resource_id).first()
