from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "middleground.coverage"
    label = "coverage"
