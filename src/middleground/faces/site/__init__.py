"""The public site: for visitors and families deciding on treatment."""
