from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "middleground.faces.web"
    label = "web"
