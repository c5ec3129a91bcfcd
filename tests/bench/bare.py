"""The yardstick: one Django view, no middleware, no database, on granian as `middleground serve` sets it up.

`python -m tests.bench.bare --port 8100`
"""

import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def view(request: HttpRequest) -> HttpResponse:
    """A short answer."""
    return HttpResponse("<!doctype html><title>Here</title><p>Here.</p>")


urlpatterns = [path("", view)]

if not settings.configured:
    settings.configure(
        ROOT_URLCONF="tests.bench.bare", ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="only a yardstick", MIDDLEWARE=[]
    )
application = get_wsgi_application()


def serve(port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "tests.bench.bare:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_access=False,
        log_level="warning",
    ).serve()  # type: ignore[arg-type]


if __name__ == "__main__":
    serve(int(sys.argv[sys.argv.index("--port") + 1]))
