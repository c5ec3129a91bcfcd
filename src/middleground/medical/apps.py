from django.apps import AppConfig


class MedicalConfig(AppConfig):
    name = "middleground.medical"
    label = "medical"
