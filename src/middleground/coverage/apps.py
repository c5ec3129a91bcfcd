from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "middleground.coverage"
    label = "coverage"

    def ready(self) -> None:
        from middleground.timetable import payers

        from . import queries

        payers.use(queries.payer_rule)
