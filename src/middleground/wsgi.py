"""The WSGI application that granian serves, and what it does beside: clear away what dead solves left."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
application = get_wsgi_application()

from middleground.timetable import runs  # noqa: E402  the apps are loaded only now

runs.keep_clear()
