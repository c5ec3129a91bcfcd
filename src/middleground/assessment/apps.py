from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "middleground.assessment"
    label = "assessment"
