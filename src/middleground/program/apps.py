from django.apps import AppConfig


class ProgramConfig(AppConfig):
    name = "middleground.program"
    label = "program"
