"""Floor 2: the three doors (actions, the record gate, the booking ledger), the audit chain, time and errors."""
