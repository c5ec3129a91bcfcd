"""Floor 5: who pays: plans, authorizations, the sliding fee, treatment days as services, payments and estimates."""
