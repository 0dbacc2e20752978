"""Does a server keep to the rules where it hurts?

A short list of delicate messages, and what must come of them.
"""

from comparisons.conformance.http_cases import check_http
from comparisons.conformance.verdict import Verdict
from comparisons.conformance.ws_cases import check_ws

__all__ = ["Verdict", "check_http", "check_ws"]
