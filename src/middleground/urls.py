"""Every address: the pages the faces declare, sign-in, language switch, errors."""

from django.shortcuts import render
from django.urls import include, path

from middleground.faces import doors
from middleground.faces.ui.views import styleguide

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("styleguide/", styleguide, name="styleguide"),
    *doors.urlpatterns(),
]


def handler400(request, exception=None):  # type: ignore[no-untyped-def]
    return render(request, "ui/400.html", {}, status=400)


def handler403(request, exception=None):  # type: ignore[no-untyped-def]
    return render(request, "ui/403.html", {}, status=403)


def handler404(request, exception=None):  # type: ignore[no-untyped-def]
    return render(request, "ui/404.html", {}, status=404)


def handler500(request):  # type: ignore[no-untyped-def]
    return render(request, "ui/500.html", {}, status=500)
