"""``make chaos``: each part is stopped, replaced, killed and starved; who has failed, and for how long?

``python -m reliability.chaos [WORD ...] [--peers] [--record]``; with words, faults with one in their name.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from wire.processes import processes_of
from wire.stack import Stack
from wire.up import up_or_not

from native.mode import decide
from native.problem import Problem
from reliability.chaos import disk, kills, replacements, stops, store
from reliability.chaos.finding import HEAD, Finding
from reliability.chaos.servers import OURS, PEERS
from reliability.chaos.stand import stand

Fault = Callable[[], Finding]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "reliability.md"


def alone() -> Iterator[tuple[str, Fault]]:
    """Faults of one service, started for it alone."""
    for name in OURS:
        yield f"SIGTERM {name}", partial(stops.stopped, name)
        yield f"SIGTERM twice {name}", partial(stops.hurried, name)
    for name in ("httpd", "realtime"):
        yield f"SIGTERM {name} workers", partial(stops.stopped, name, "--workers", "2")
    yield "redis killed", partial(store.killed, "realtime")
    yield "redis full", store.full
    yield "redis hanging", store.hanging
    yield "redis disk full", store.disk_full
    yield "run folder full", disk.run_full


def peers() -> Iterator[tuple[str, Fault]]:
    """The same, of servers that people install."""
    for name in PEERS:
        yield f"SIGTERM {name}", partial(stops.stopped, name)
    yield "redis killed Channels", partial(store.killed, "Channels")


#: Faults of a whole stack, by name.
WHOLE = (
    "make reload",
    *(f"kill {service}" for service in kills.OTHERS),
    "kill locust",
    "redis away",
    "redis anew",
)


def whole(stack: Stack) -> Iterator[tuple[str, Fault]]:
    """How each of these is caused."""
    processes, is_up = processes_of(stack), up_or_not(stack)
    yield WHOLE[0], partial(replacements.replaced, stack)
    for service in kills.OTHERS:
        yield f"kill {service}", partial(kills.killed, stack, processes, is_up, service)
    yield WHOLE[-3], partial(kills.locust_killed, stack, processes)
    yield WHOLE[-2], partial(kills.store_away, stack, processes)
    yield WHOLE[-1], partial(kills.store_moved, stack, processes)


def tried(faults: Iterator[tuple[str, Fault]], words: list[str]) -> Iterator[Finding]:
    """Cause those that were asked for, one after the other, and print what came of each."""
    for name, fault in faults:
        if not asked_for(name, words):
            continue
        try:
            finding = fault()
        except (AssertionError, TimeoutError, OSError) as error:
            finding = Finding(name, wrong=[f"{type(error).__name__}: {error}"])
        say(finding.row())
        yield finding


def asked_for(name: str, words: list[str]) -> bool:
    """All are, if nothing in particular is."""
    return not words or any(word in name for word in words)


def say(text: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Cause faults, and tell; 1 unless everything stood."""
    parser = argparse.ArgumentParser("python -m reliability.chaos", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="of the faults to cause (all)")
    parser.add_argument("--peers", action="store_true", help="have other servers stop as well")
    parser.add_argument("--record", action="store_true", help=f"write the tables into {DOCS.name}")
    options = parser.parse_args()
    tables, findings = [], []

    def table(title: str, faults: Iterator[tuple[str, Fault]]) -> list[Finding]:
        say(f"\n{title}\n\n{HEAD}")
        found = list(tried(faults, options.words))
        tables.append("\n".join([f"**{title}**", "", HEAD, *(one.row() for one in found)]))
        return found

    try:
        findings += table("each alone", alone())
        if options.peers:
            table("others", peers())
        if any(asked_for(name, options.words) for name in WHOLE):
            mode = decide(os.environ).name
            with stand(mode) as stack:
                findings += table(f"a whole stack, {mode}", whole(stack))
    except Problem as problem:
        say(f"layercake: {problem}")
        return 1
    if options.record:
        record("\n\n".join(tables))
    return 1 if any(finding.wrong for finding in findings) else 0


def record(text: str) -> None:
    """Put the tables where the page has room for them."""
    page = DOCS.read_text(encoding="utf-8")
    begin, end = "<!-- chaos -->\n", "<!-- /chaos -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    DOCS.write_text(f"{before}{begin}\n{text}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
