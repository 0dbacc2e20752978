"""A capture's lines, by who speaks: a command, a remark, a visitor, or the program."""

import re
from dataclasses import dataclass

__all__ = ["Line", "lines"]

VISITOR = re.compile(r"([a-z]+) ((?:connects|opens|sends|reads|hears|finds|leaves|is refused).*)")


@dataclass(frozen=True)
class Line:
    """One line: who it is from, and what it says. Only visitors have names."""

    kind: str
    text: str
    who: str = ""


def lines(capture: str) -> list[Line]:
    """Tell each line's kind by its beginning, as docs/lessons/stage.py writes it."""
    return [line(text) for text in capture.splitlines()]


def line(text: str) -> Line:
    if found := VISITOR.fullmatch(text):
        return Line("visitor", found[2], found[1])
    if text.startswith(("$ ", "^C")):
        return Line("command", text)
    if text.startswith("# "):
        return Line("remark", text.removeprefix("# "))
    if text.startswith("("):
        return Line("remark", text)
    return Line("fault" if re.match(r"Traceback |\w+Error: ", text) else "printed", text)
