from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "middleground.faces.ui"
    label = "ui"
    verbose_name = "Look and feel"
