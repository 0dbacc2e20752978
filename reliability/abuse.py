"""``make abuse``: every service attacked in every way that we know, and what a good guest sees of it.

Each service alone on its own port, then all of a stack of our own through its nginx, where attackers come
from other addresses than the guest. With --peers the servers that people install instead, for comparison.
"""

import argparse
import asyncio
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial

from native import interrupts
from native.problem import Problem
from reliability.attacks import ATTACKS
from reliability.house import House, house
from reliability.places import PLACES
from reliability.trial import Outcome, Trial
from reliability.victims import DESCRIPTORS, DIRECT, PEERS, VICTIMS, Victim, behind, victim

__all__ = ["main"]

#: Descriptors that the attackers need.
NEEDED = 8_192

HEAD = "| attack | visits that went well | p99 | grew by | well again after | |\n|---|---|---|---|---|---|"

#: How a service behind nginx is called on the command line.
NGINX = "nginx/"

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

    def __init__(self, seconds: float, only: str, *, quick: bool) -> None:
        self.trial, self.only = Trial(seconds, quick=quick), only
        self.tried, self.failed = 0, list[str]()

    async def of(self, name: str, asks: str, chosen: Chosen) -> None:
        """Every attack on one service."""
        say(f"\n### {name}\n\n{HEAD}")
        for attack_name, attack in ATTACKS[asks].items():
            if self.only not in attack_name:
                continue
            with chosen() as victim:
                outcome = await self.trial.run(victim, attack)
            say(row(attack_name, outcome))
            self.tried += 1
            if complaints := outcome.complaints():
                self.failed.append(f"{name}, {attack_name}: {'; '.join(complaints)}")

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
    for name in services:
        if not name.startswith(NGINX):
            asyncio.run(
                siege.of(f"{name}, alone, with {DESCRIPTORS:,} descriptors", asks(name), partial(alone, name))
            )
    with ExitStack() as stack:
        behind_nginx = [name.removeprefix(NGINX) for name in services if name.startswith(NGINX)]
        at = stack.enter_context(house("abuse")) if behind_nginx else None
        for name in behind_nginx:
            assert at is not None  # noqa: S101  for the type checker
            asyncio.run(siege.of(f"{name}, through nginx", asks(name), partial(standing, at, name)))


def alone(name: str) -> AbstractContextManager[Victim]:
    """A service of its own."""
    return victim(name)


def standing(at: House, name: str) -> AbstractContextManager[Victim]:
    """A service of a stack that stays up."""
    return nullcontext(behind(at, name))


def asks(service: str) -> str:
    """What a service speaks, or one behind nginx."""
    return (DIRECT if service in DIRECT else PLACES)[service].asks


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
    options = parser.parse_args()
    if unknown := set(options.services) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < NEEDED:
        parser.error(f"needs {NEEDED:,} descriptors and may have {most:,}: raise the limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    siege = Siege(options.seconds, options.attack, quick=options.quick)
    try:
        besiege(siege, options.services or (list(PEERS) if options.peers else ours))
    except Problem as problem:
        say(f"abuse: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130
    return siege.end()


if __name__ == "__main__":
    sys.exit(main())
