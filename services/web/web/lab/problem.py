"""Why a lab can't do what a visitor asks of it: each kind has its status code, and words for the page."""

__all__ = ["BadInput", "Busy", "Problem", "Unreachable"]


class Problem(Exception):  # noqa: N818 (its kinds are named for what they are)
    """What stands in the way; the message says what to do."""

    status = 500


class BadInput(Problem):
    """What was typed can't be sent."""

    status = 400


class Unreachable(Problem):
    """No connection: the service is down, or its name is not known."""

    status = 502


class Busy(Problem):
    """Too many labs are at work."""

    status = 503
