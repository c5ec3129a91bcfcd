from django.apps import AppConfig


class ProgramConfig(AppConfig):
    name = "middleground.program"
    label = "program"

    def ready(self) -> None:
        from middleground.kernel import act

        from .apart import sure_apart
        from .held_for import sure_held_for

        act.before_commit(sure_apart)
        act.before_commit(sure_held_for)
