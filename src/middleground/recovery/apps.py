from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "middleground.recovery"
    label = "recovery"
