"""``make abuse``: each service attacked in every way that we know, and what a good guest sees of it."""

import argparse
import asyncio
import resource
import sys

from reliability.attacks import ATTACKS
from reliability.trial import Outcome, Trial
from reliability.victims import DESCRIPTORS, victim

__all__ = ["main"]

#: Descriptors that the attackers need.
NEEDED = 8_192

HEAD = "| attack | visits that went well | p99 | grew by | well again after | |\n|---|---|---|---|---|---|"


def row(name: str, outcome: Outcome) -> str:
    """A line of Markdown."""
    return (
        f"| {name} | {outcome.visits.share:.1%} | {outcome.visits.p99 * 1e3:,.0f} ms "
        f"| {max(outcome.growth, 0) / 1e6:.1f} MB | {outcome.recovery:.2f} s "
        f"| {'; '.join(outcome.complaints()) or 'stands'} |"
    )


async def attacked(service: str, only: str, seconds: float) -> bool:
    """Every attack on one service, a fresh one for each; tells whether it stood them all."""
    trial, stands = Trial(seconds), True
    say(f"\n{service}, with {DESCRIPTORS:,} descriptors\n\n{HEAD}")
    for name, attack in ATTACKS[service].items():
        if only in name:
            with victim(service) as attacked_one:
                outcome = await trial.run(attacked_one, attack)
            say(row(name, outcome))
            stands = stands and not outcome.complaints()
    return stands


def say(text: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Attack, and tell; 1 unless everything stood."""
    parser = argparse.ArgumentParser("python -m reliability.abuse", description=__doc__)
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=f"{', '.join(ATTACKS)} (all)")
    parser.add_argument(
        "--attack", default="", metavar="WORDS", help="only those with these words in their name"
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="that each attack lasts (10)")
    options = parser.parse_args()
    if unknown := set(options.services) - set(ATTACKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(ATTACKS)}")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < NEEDED:
        parser.error(f"needs {NEEDED:,} descriptors and may have {most:,}: raise the limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    services = options.services or list(ATTACKS)
    stood = [asyncio.run(attacked(name, options.attack, options.seconds)) for name in services]
    return 0 if all(stood) else 1


if __name__ == "__main__":
    sys.exit(main())
