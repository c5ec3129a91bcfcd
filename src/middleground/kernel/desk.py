"""Drafts and notices: what lies on somebody's desk. Drafts are kept from the first keystroke and belong to their writer."""

from datetime import datetime
from typing import Annotated, Any

from . import clock
from .actions import Act, action
from .asking import Ask
from .context import everything
from .models import Draft, Notice
from .who import ROLES, role

SIGNED_IN = role(*(name for name in ROLES if name != "visitor"))


@action("Keep a draft", by=SIGNED_IN, quiet=True)
def save_draft(act: Act, draft_key: Annotated[str, Ask(most=120)], data: dict) -> Draft:
    """Keep what someone has typed so far under a key of theirs ("note:12"). A later save replaces an earlier one."""
    with everything("own draft"):
        kept, _ = Draft.objects.update_or_create(
            owner_id=act.user_id, key=draft_key, defaults={"data": data, "saved_at": act.now}
        )
    return kept


@action("Throw a draft away", by=SIGNED_IN, quiet=True)
def drop_draft(act: Act, draft_key: Annotated[str, Ask(most=120)]) -> None:
    """Forget a draft, when what it was for is done or its writer says so."""
    forget(act, draft_key)


def forget(act: Act, draft_key: str) -> None:
    """Forget the actor's own draft, inside a running action."""
    with everything("own draft"):
        Draft.objects.filter(owner_id=act.user_id, key=draft_key).delete()


def draft(user_id: int | None, draft_key: str) -> tuple[dict[str, Any], datetime] | None:
    """What this person had typed under this key, and when it was kept; None when there is nothing."""
    with everything("own draft"):
        return Draft.objects.filter(owner_id=user_id, key=draft_key).values_list("data", "saved_at").first()


def notify(act: Act, user_id: int | None, words: str, url: str = "") -> None:
    """Leave a notice for someone, inside a running action. The words must be fit for a lock screen: no names, no clinical fact."""
    if user_id is not None and user_id != act.user_id:
        Notice.objects.create(to_id=user_id, at=act.now, words=words[:200], url=url)


@action("Mark notices as read", by=SIGNED_IN, quiet=True)
def read_notices(act: Act) -> None:
    """Everything on the actor's desk has been seen."""
    Notice.objects.filter(to_id=act.user_id, read_at=None).update(read_at=clock.now())


def notices(user_id: int | None) -> list[Notice]:
    """The latest notices of this person, unread ones first."""
    return list(Notice.objects.filter(to_id=user_id).order_by("read_at", "-at")[:50])
