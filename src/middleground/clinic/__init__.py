"""Floor 3: the organisation, its sites, rooms, staff, credentials, opening hours and closures."""
