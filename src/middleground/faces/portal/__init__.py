"""The client's and the family's companion, phone first."""
