from django.apps import AppConfig


class AdmissionsConfig(AppConfig):
    name = "middleground.admissions"
    label = "admissions"
