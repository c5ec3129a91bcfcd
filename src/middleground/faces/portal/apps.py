from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "middleground.faces.portal"
    label = "portal"
