"""Ends the children of a program that has ended without them. supervisord runs ``python -m native.orphans``.

Whoever kills nginx's master with SIGKILL leaves its workers behind, which hold the port that the next master
needs. supervisord gives each program a process group of its own, and tells its *event listeners* when
one has ended; this is one. It speaks their protocol: READY on standard output, an event on standard input,
RESULT on standard output.
"""

import os
import signal
import sys
from typing import TextIO

from native.processes import session_members, wait_until

__all__ = ["end_group", "fields", "listen", "main"]

#: How long the children may take to go when they are asked.
GRACEFULLY_WITHIN = 2.0


def fields(text: str) -> dict[str, str]:
    """The ``name:value`` words of an event's header or content."""
    return dict(word.split(":", 1) for word in text.split())


def listen(events: TextIO, answers: TextIO) -> None:
    """Take event after event, until supervisord ends."""
    while True:
        answers.write("READY\n")
        answers.flush()
        header = events.readline()
        if not header:
            return
        event = fields(events.read(int(fields(header)["len"])))
        if left := end_group(int(event["pid"])):
            sys.stderr.write(
                f"{event['processname']} has ended and left {left} processes, which were stopped\n"
            )
            sys.stderr.flush()
        answers.write("RESULT 2\nOK")
        answers.flush()


def end_group(leader: int) -> int:
    """Stop what is left of a process group: ask, then kill. Returns how many there were.

    Only those of our own session: should the number belong to somebody else's group by now, it is left alone.
    """
    left = len(members(leader))
    if left:
        send(leader, signal.SIGTERM)
        if not wait_until(lambda: not members(leader), GRACEFULLY_WITHIN):
            send(leader, signal.SIGKILL)
            wait_until(lambda: not members(leader), GRACEFULLY_WITHIN)
    return left


def members(leader: int) -> list[int]:
    """The living processes of our session that are in that group."""
    return [pid for pid in session_members(os.getsid(0)) if group_of(pid) == leader]


def group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None  # it went away in between


def send(leader: int, number: signal.Signals) -> None:
    """Signal each of them."""
    for pid in members(leader):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def main() -> None:
    """Listen; a Ctrl-C at the terminal is not for us, supervisord stops us."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listen(sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()
