"""Every way to change who pays and what is billed: `plans`, `paying` and `posting`."""

from .paying import make_estimate, record_payment, reverse_payment, set_fee
from .plans import add_payer, add_policy, record_authorization, request_authorization, verify_policy
from .posting import export_services, mark_billed, post_services

__all__ = [
    "add_payer",
    "add_policy",
    "export_services",
    "make_estimate",
    "mark_billed",
    "post_services",
    "record_authorization",
    "record_payment",
    "request_authorization",
    "reverse_payment",
    "set_fee",
    "verify_policy",
]
