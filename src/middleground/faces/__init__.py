"""Floor 6: what people and programs touch. A view parses, calls one action or query, renders; no rule lives here."""
