from django.apps import AppConfig


class CareplanConfig(AppConfig):
    name = "middleground.careplan"
    label = "careplan"
