from django.apps import AppConfig


class TimetableConfig(AppConfig):
    name = "middleground.timetable"
    label = "timetable"
