"""Admissions: from the first call to the first day, with a promise clock on every step, or a careful hand-off elsewhere."""
