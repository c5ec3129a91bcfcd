"""How often one address may send the public form in an hour. Counted in memory under a keyed hash; no address is kept."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from middleground.admissions.words import rules
from middleground.kernel import clock

HOUR = 3600


def too_often(request: HttpRequest) -> bool:
    """Counts this request; true when its address has sent more than the form takes in an hour."""
    key = (
        "asked:"
        + salted_hmac("public-form", f"{address(request)}|{clock.now():%Y%m%d%H}", algorithm="sha256").hexdigest()
    )
    cache.add(key, 0, HOUR)
    return bool(cache.incr(key) > rules()["requests_an_hour"]["one_address"])


def address(request: HttpRequest) -> str:
    """In production the last address our own proxy wrote; else the socket's."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
