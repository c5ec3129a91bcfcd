"""The staff's workplace. Each module holds the pages of one part of the day."""
