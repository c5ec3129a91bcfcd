"""Floor 4: the client, the episode of care, consent and disclosure, access, signatures, follow-up tasks."""
