from django.apps import AppConfig


class FamilyConfig(AppConfig):
    name = "middleground.family"
    label = "family"
