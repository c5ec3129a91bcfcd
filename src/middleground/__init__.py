"""Middleground: open-source software that runs an addiction-treatment intensive outpatient program."""

__version__ = "0.1.0"
