"""Tracks, groups, sessions, attendance and notes."""
