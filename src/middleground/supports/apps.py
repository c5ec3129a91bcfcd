from django.apps import AppConfig


class SupportsConfig(AppConfig):
    name = "middleground.supports"
    label = "supports"
