"""``make abuse``: every service attacked in every way that we know, and what a good guest sees of it.

Each service alone on its own port, then all of a stack of our own through its nginx, where attackers come
from other addresses than the guest. With --peers the servers that people install instead, for comparison.
With --record what was found goes into docs/reliability.md, one service after the other.
"""

import argparse
import asyncio
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial

from bench.complaint import Complaint
from native import interrupts
from native.problem import Problem
from reliability.attacks import ATTACKS
from reliability.grid import NGINX, figures, grid
from reliability.house import House, house
from reliability.peers import PEERS, LeftOut
from reliability.places import PLACES
from reliability.record import Record
from reliability.trial import Outcome, Trial
from reliability.victims import DESCRIPTORS, DIRECT, VICTIMS, Victim, behind, victim

__all__ = ["main"]

#: Descriptors that the attackers need.
NEEDED = 8_192

HEAD = "| attack | visits that went well | p99 | grew by | well again after | |\n|---|---|---|---|---|---|"

#: Gives what is attacked, a fresh one if it is alone.
Chosen = Callable[[], AbstractContextManager[Victim]]


def row(name: str, outcome: Outcome) -> str:
    """A line of Markdown."""
    return (
        f"| {name} | {outcome.visits.share:.1%} | {outcome.visits.p99 * 1e3:,.0f} ms "
        f"| {max(outcome.growth, 0) / 1e6:.1f} MB | {outcome.recovery:.2f} s "
        f"| {'; '.join(outcome.complaints()) or 'stands'} |"
    )


class Siege:
    """One trial after another, and what has come of them."""

    def __init__(self, seconds: float, only: str, *, quick: bool = False, record: bool = False) -> None:
        self.trial, self.only = Trial(seconds, quick=quick), only
        self.record = Record("abuse", grid, f"attacks of {seconds:g} s each") if record else None
        self.tried, self.failed = 0, list[str]()

    async def of(self, name: str, how: str, chosen: Chosen) -> None:
        """Every attack on one service, kept when it has had them all."""
        say(f"\n### {name}, {how}\n\n{HEAD}")
        found = {}
        for attack_name, attack in ATTACKS[asks(name)].items():
            if self.only not in attack_name:
                continue
            try:
                with chosen() as victim:
                    outcome = await self.trial.run(victim, attack)
            except LeftOut as reason:
                say(f"left out: {reason}")
                break
            say(row(attack_name, outcome))
            self.tried += 1
            found[attack_name] = figures(outcome)
            if complaints := outcome.complaints():
                self.failed.append(f"{name}, {attack_name}: {'; '.join(complaints)}")
        if self.record and found:
            self.record.keep(name, found, whole=not self.only)

    def end(self) -> int:
        """Say how it went; gives the exit status."""
        say(f"\n{self.tried - len(self.failed)} of {self.tried} stood")
        for line in self.failed:
            say(f"FAILED {line}")
        if not self.tried:
            say("no attack has these words in its name")
        return 1 if self.failed or not self.tried else 0


def say(text: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def besiege(siege: Siege, services: Sequence[str]) -> None:
    """Each service in turn; the stack comes up for those behind nginx, and stays up for all of them."""
    how = f"alone, with {DESCRIPTORS:,} descriptors"
    for name in services:
        if not name.startswith(NGINX):
            asyncio.run(siege.of(name, how, partial(victim, name)))
    with ExitStack() as stack:
        behind_nginx = [name for name in services if name.startswith(NGINX)]
        at = stack.enter_context(house("abuse")) if behind_nginx else None
        for name in behind_nginx:
            assert at is not None  # noqa: S101  for the type checker
            asyncio.run(siege.of(name, "in a stack that stays up", partial(standing, at, name)))


def standing(at: House, name: str) -> AbstractContextManager[Victim]:
    """A service of a stack that stays up."""
    return nullcontext(behind(at, name.removeprefix(NGINX)))


def asks(service: str) -> str:
    """What a service speaks, or one behind nginx."""
    return (DIRECT.get(service) or PLACES[service.removeprefix(NGINX)]).asks


def main() -> int:
    """Attack, and tell; 1 unless everything stood."""
    ours = [*VICTIMS, *(NGINX + name for name in PLACES)]
    known = [*ours, *PEERS]
    interrupts.all_alike()
    parser = argparse.ArgumentParser("python -m reliability.abuse", description=__doc__)
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=f"{', '.join(known)} (all)")
    parser.add_argument(
        "--attack", default="", metavar="WORDS", help="only those with these words in their name"
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="that each attack lasts (10)")
    parser.add_argument(
        "--quick", action="store_true", help="judge no times: for a machine that has other things to do"
    )
    parser.add_argument(
        "--peers", action="store_true", help=f"attack {', '.join(PEERS)} instead, for comparison"
    )
    parser.add_argument(
        "--record", action="store_true", help="put what was tried into docs/reliability.md, beside the rest"
    )
    options = parser.parse_args()
    if options.quick and options.record:
        parser.error("--quick judges no times, which a record is read for: leave one of the two out")
    if unknown := set(options.services) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < NEEDED:
        parser.error(f"needs {NEEDED:,} descriptors and may have {most:,}: raise the limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    siege = Siege(options.seconds, options.attack, quick=options.quick, record=options.record)
    try:
        besiege(siege, options.services or (list(PEERS) if options.peers else ours))
    except (Problem, Complaint) as problem:
        say(f"abuse: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130
    return siege.end()


if __name__ == "__main__":
    sys.exit(main())
