from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "middleground.kernel"
    label = "kernel"

    def ready(self) -> None:
        from . import guard

        guard.stand()
