"""Dates as people here say them."""

DATE_FORMAT = "M j, Y"
SHORT_DATE_FORMAT = "m/d/Y"
TIME_FORMAT = "g:i a"
DATETIME_FORMAT = "M j, Y, g:i a"
