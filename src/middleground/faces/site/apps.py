from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "middleground.faces.site"
    label = "site"
