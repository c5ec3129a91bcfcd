"""Reading the audit chain: for the compliance officer, and for a client who asks who looked at their record."""

from datetime import date, datetime, time

from django.db.models import Q, QuerySet
from django.utils import timezone

from .models import AuditEntry


def entries(
    *,
    words: str = "",
    actor: str = "",
    client_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[AuditEntry]:
    """Entries, the newest first, narrowed by words in them, by who acted, by client and by days."""
    found = AuditEntry.objects.order_by("-seq")
    if words:
        found = found.filter(Q(words__icontains=words) | Q(verb__icontains=words))
    if actor:
        found = found.filter(actor_name__icontains=actor)
    if client_id is not None:
        found = found.filter(Q(client_id=client_id) | Q(about__client_id=client_id))
    if first:
        found = found.filter(at__gte=timezone.make_aware(datetime.combine(first, time.min)))
    if last:
        found = found.filter(at__date__lte=last)
    return found


def about(client_id: int) -> QuerySet[AuditEntry]:
    """Everything on the chain about one client, the newest first."""
    return entries(client_id=client_id)
