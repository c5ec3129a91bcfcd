from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "middleground.insight"
    label = "insight"
