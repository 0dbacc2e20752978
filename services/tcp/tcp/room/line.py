"""What is said on the wire: bytes to lines, lines to what they mean, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rooms import Message, RoomError
from rooms.limits import TEXT_BYTES
from rooms.names import after_number, author_name, room_name

__all__ = [
    "HELLO",
    "EndlessLineError",
    "Join",
    "LineError",
    "Lines",
    "come_back",
    "counts",
    "decode",
    "error",
    "message",
    "missed",
    "names",
    "notice",
    "read_join",
]

#: Bytes in a line, without its end: as many as a message may have.
LINE_BYTES: Final = TEXT_BYTES

#: Bytes of a line that is too long which are skipped in search of its end; past them this is no text.
SKIPPED_BYTES: Final = 64 * 1024

#: Names in one line; thousands of them would be no use to anybody.
NAMES: Final = 50

LF: Final = "\n"

#: Stands for the end of a line within a message. Nobody here can say one, but browsers can.
NEW_LINE: Final = " ⏎ "


class LineError(RoomError):
    """A line that nothing can be made of."""


class EndlessLineError(LineError):
    """So long a line that what comes in can't be lines."""


class Lines:
    """Bytes go in as they come, lines come out without their ends, which are LF or CRLF."""

    __slots__ = ("rest", "skipped")

    def __init__(self) -> None:
        self.rest = bytearray()
        self.skipped = 0  # bytes of a line that is too long, whose end has not come yet

    def feed(self, data: bytes) -> None:
        """Take what has come in."""
        self.rest += data

    def next(self) -> bytes | None:
        """The next line; None if it has not come whole. `LineError` says, once, that it is too long."""
        while True:
            end = self.rest.find(b"\n")
            if end < 0:
                self.skip_some()
                return None
            line = bytes(self.rest[:end]).removesuffix(b"\r")
            del self.rest[: end + 1]
            if not self.skipped:
                if len(line) > LINE_BYTES:
                    raise too_long()
                return line
            self.skipped = 0

    def skip_some(self) -> None:
        """Keep no more of a line that has not ended than may be of use."""
        first = not self.skipped
        if first and len(self.rest) <= LINE_BYTES + 1:  # the last may be CR
            return
        self.skipped += len(self.rest)
        self.rest.clear()
        if self.skipped > SKIPPED_BYTES:
            raise EndlessLineError(
                "These are not lines: none has ended in 64 KiB. End each message with a newline."
            )
        if first:
            raise too_long()


def too_long() -> LineError:
    """What is said about a line past the limit."""
    return LineError(f"line too long: a message has {LINE_BYTES:,} bytes at most. It was not posted.")


@dataclass(frozen=True, slots=True)
class Join:
    """What somebody says who wants to come in."""

    room: str
    name: str
    after: int | None  # the number that they saw last; None: they begin with the next message


def read_join(text: str) -> Join:
    """``JOIN <room> <name> [after=N]``. A name may have blanks in it. Raises `RoomError`."""
    word, *words = text.split() or [""]
    if word.upper() != "JOIN":
        raise LineError("Say first who you are, and where: JOIN <room> <name>, for example JOIN lobby ada")
    after = None
    if words and words[-1].startswith("after="):
        after = after_number(words.pop().removeprefix("after="))
    if len(words) < 2:
        raise LineError("JOIN takes a room and a name: JOIN <room> <name>, for example JOIN lobby ada")
    return Join(room_name(words[0]), author_name(" ".join(words[1:])), after)


def decode(line: bytes) -> str:
    """A line's text. Raises `LineError`."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise LineError(
            "This line is not UTF-8 text. It was not posted; set your terminal to UTF-8."
        ) from None


def message(posted: Message) -> bytes:
    """A message of the room, the same for all."""
    return f"{posted.number} {posted.author}: {posted.text.replace(LF, NEW_LINE)}\n".encode()


def missed(first: int, last: int) -> bytes:
    """Messages that were asked for and that the room no longer remembers."""
    return notice(f"{first} to {last} are gone: the room no longer remembers them.")


def notice(text: str) -> bytes:
    """Something to know that has no place in the order."""
    return f"* {text}\n".encode()


def counts(numbers: Mapping[str, int]) -> bytes:
    """What was counted, in the words of the log."""
    return notice(" ".join(f"{name}={number}" for name, number in numbers.items()))


def error(problem: RoomError | str) -> bytes:
    """What went wrong, and what to do."""
    return f"ERR {str(problem).replace(LF, ' ')}\n".encode()


def come_back(room: str, name: str, after: int | None) -> str:
    """What to say to go on where one was."""
    return f"Come back with: JOIN {room} {name}" + ("" if after is None else f" after={after}")


def names(people: Iterable[str]) -> str:
    """Some names, and how many there are besides."""
    listed = list(people)
    more = f" and {len(listed) - NAMES:,} more" if len(listed) > NAMES else ""
    return ", ".join(listed[:NAMES]) + more


HELLO: Final = notice(
    "This is a room. Say JOIN <room> <name>, for example JOIN lobby ada; then every line is a message."
)
