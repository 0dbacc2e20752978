"""A message's bytes as a page shows them: control characters made visible, content shortened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from web.lab.anatomy import KINDS, Message, Part

__all__ = ["shown"]

#: Bytes of one part that are shown. The head of a message is always whole: it is what the page is about.
MOST_SHOWN = 1500

#: Control characters, which would be seen as nothing or as something else; each as one would type it.
CONTROL = re.compile(r"\r?\n|[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Piece:
    """Some characters as they are, or one or two control characters as one would type them."""

    text: str
    control: bool = False
    ends_line: bool = False


def shown(message: Message) -> list[dict[str, object]]:
    """Return the message's parts, each with its class, its pieces and what to say of it."""
    return [
        {
            "kind": part.kind,
            "title": f"{KINDS[part.kind].name} ({KINDS[part.kind].section})",
            "fault": part.fault,
            "pieces": list(pieces(text(part))),
        }
        for part in message.parts
    ]


def text(part: Part) -> str:
    """Return a part's bytes as characters: UTF-8 where they are that, else only their number."""
    data = part.data[:MOST_SHOWN]
    try:
        words = data.decode("utf-8", errors="strict" if part.kind in ("content", "rest") else "replace")
    except UnicodeDecodeError as error:
        # A character that the limit has cut is no reason to hide the others.
        if error.start < MOST_SHOWN - 3:
            return f"\u2039{len(part.data):,} bytes that are no text\u203a"
        words = data[: error.start].decode()
    more = len(part.data) - len(data)
    return f"{words}\u2039{more:,} bytes more\u203a" if more else words


def pieces(words: str) -> Iterator[Piece]:
    """Return the characters, with the control characters apart."""
    start = 0
    for match in CONTROL.finditer(words):
        if match.start() > start:
            yield Piece(words[start : match.start()])
        yield Piece(repr(match[0])[1:-1].replace("\\x00", "\\0"), control=True, ends_line="\n" in match[0])
        start = match.end()
    if start < len(words):
        yield Piece(words[start:])
