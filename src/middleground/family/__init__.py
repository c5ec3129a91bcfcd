"""Families: who they are to a client, what a consent lets them see, the listen-only line, their own lessons."""
