"""What became of a request that was sent somewhere, as a page shows it."""

from dataclasses import dataclass

from web.lab.anatomy import Message
from web.lab.conversation import Conversation
from web.lab.wire import shown

__all__ = ["Outcome"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The responses, and the conversation that they came in. A page adds where the request went."""

    messages: list[Message]
    talk: Conversation | None = None
    problem: str = ""

    @property
    def statuses(self) -> list[int]:
        """The status codes that came, in order."""
        return [message.status for message in self.messages if message.status]

    @property
    def parts(self) -> list[list[dict[str, object]]]:
        """The responses as the page shows them."""
        return [shown(message) for message in self.messages]

    @property
    def ending(self) -> str:
        """How the conversation ended."""
        return self.talk.moments[-1].note if self.talk else ""
