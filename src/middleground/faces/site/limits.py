"""Where a request comes from, and how often one address may send the public form in an hour (counted in memory).

Only keyed hashes are kept, never an address.
"""

from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from middleground.admissions.words import rules
from middleground.kernel import clock

HOUR = 3600


def too_often(request: HttpRequest, form: str = "public-form", most: int | None = None) -> bool:
    """Counts this request; true when its address has sent more than the form takes in an hour: `most`, else what the request
    form takes."""
    key = "asked:" + salted_hmac(form, f"{address(request)}|{clock.now():%Y%m%d%H}", algorithm="sha256").hexdigest()
    cache.add(key, 0, HOUR)
    return bool(cache.incr(key) > (most or rules()["requests_an_hour"]["one_address"]))


def address(request: HttpRequest) -> str:
    """In production the last address our own proxy wrote; else the socket's."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def place(request: HttpRequest) -> str:
    """The network a request comes from, as a keyed hash. All of an IPv6 /64 is one place: its addresses cost nothing."""
    written = address(request)
    try:
        found = ip_address(written)
    except ValueError:
        network = written
    else:
        network = str(int(found) >> 64) if found.version == 6 and found.ipv4_mapped is None else written
    return salted_hmac("place", network, algorithm="sha256").hexdigest()[:32]
