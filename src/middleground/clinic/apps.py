from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "middleground.clinic"
    label = "clinic"
