"""The client's own work: check-ins, triggers, coping, the prevention plan, lessons, returns to use, milestones."""
