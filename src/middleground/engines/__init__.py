"""Floor 1: pure engines. They interpret the files in `knowledge/`; they know nothing of Django, files of clients or the network."""
