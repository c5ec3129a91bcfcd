"""Floor 5: the individualized service plan, its reviews, transition and discharge."""
