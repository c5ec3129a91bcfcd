from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "middleground.records"
    label = "records"

    def ready(self) -> None:
        from middleground.kernel import gate

        from . import access

        gate.use(access.narrow)
