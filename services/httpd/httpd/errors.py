"""What can go wrong, split by whose fault it is.

The rule of this file: an error of the peer carries the status that answers it; an error of ours does not,
since its answer is always 500.
"""

from http import HTTPStatus

__all__ = ["ApplicationError", "Refusal"]


class Refusal(Exception):  # noqa: N818 - it is the peer's error; ours is to refuse
    """The peer's message can't be read, or is more than we take. The connection ends with this answer.

    After it nothing on the connection can be trusted: where one message can't be read, nobody knows where
    the next one begins.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class ApplicationError(Exception):
    """The application broke its side of the contract:

    A field with a line break in it, content that is too long or too short.
    """
