"""``make chaos``: each part is stopped, replaced, killed and starved; who has failed, and for how long?

``python -m reliability.chaos [WORD ...] [--peers] [--record]``; with words, faults with one in their name.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from bench.complaint import Complaint
from native.mode import decide
from native.problem import Problem
from reliability.chaos import disk, stops, store
from reliability.chaos.finding import HEAD, Finding
from reliability.chaos.servers import OURS, PEERS
from reliability.chaos.whole import Fault, stages
from reliability.peers import LeftOut
from reliability.record import Figures, Record, Tables, dated


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


class Story:
    """What was caused, and what came of it, table after table."""

    def __init__(self, words: list[str], *, record: bool) -> None:
        self.words = words
        self.record = Record("chaos", page) if record else None
        self.wrong = False

    def wants(self, *names: str) -> bool:
        """Is one of these asked for?"""
        return any(asked_for(name, self.words) for name in names)

    def table(self, title: str, faults: Iterator[tuple[str, Fault]]) -> bool:
        """Cause them, print what came of each, and keep it; was all well?"""
        say(f"\n{title}\n\n{HEAD}")
        found = dict(tried(faults, self.words))
        if self.record and found:
            figures = {name: asdict(finding) for name, finding in found.items()}
            self.record.keep(title, figures, whole=not self.words)
        return not any(finding.wrong for finding in found.values())


def tried(faults: Iterator[tuple[str, Fault]], words: list[str]) -> Iterator[tuple[str, Finding]]:
    """Cause those that were asked for, one after the other, and print what came of each."""
    for name, fault in faults:
        if not asked_for(name, words):
            continue
        try:
            finding = fault()
        except LeftOut as reason:
            say(f"{name}: left out, {reason}")
            continue
        except (AssertionError, TimeoutError, OSError) as error:
            finding = Finding(name, wrong=[f"{type(error).__name__}: {error}"])
        say(finding.row())
        yield name, finding


def asked_for(name: str, words: list[str]) -> bool:
    """All are, if nothing in particular is."""
    return not words or any(word in name for word in words)


def page(tables: Tables) -> str:
    """What docs/reliability.md has of them."""
    parts = []
    for title, found in tables.items():
        runs = {name: figures["run"] for name, figures in found.items()}
        rows = [kept(figures).row() for figures in found.values()]
        parts.append("\n".join([f"**{title}**", "", HEAD, *rows, "", dated(runs)]))
    return "\n\n".join(parts)


def kept(figures: Figures) -> Finding:
    """One that was kept."""
    return Finding(**{name: value for name, value in figures.items() if name != "run"})


def say(text: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def caused(story: Story, *, others: bool) -> bool:
    """Everything that is asked for; was all well? (Of the others nobody expects it.)"""
    well = story.table("each alone", alone())
    if others:
        story.table("others", peers())
    mode = decide(os.environ).name
    for stage in stages(mode):
        if story.wants(*stage.names):
            with stage.stand(mode) as stack:
                well &= story.table(stage.title, stage.faults(stack))
    return well


def main() -> int:
    """Cause faults, and tell; 1 unless everything stood."""
    parser = argparse.ArgumentParser("python -m reliability.chaos", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="of the faults to cause (all)")
    parser.add_argument("--peers", action="store_true", help="have other servers stop as well")
    parser.add_argument("--record", action="store_true", help="put what came of it into docs/reliability.md")
    options = parser.parse_args()
    story = Story(options.words, record=options.record)
    try:
        return 0 if caused(story, others=options.peers) else 1
    except (Problem, Complaint) as problem:
        say(f"layercake: {problem}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
