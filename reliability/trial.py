"""One attack on one service, with a guest beside it, and what is made of it."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from reliability.guests import PATIENCE, PATIENCE_QUICK, Visits, visit
from reliability.victims import Victim
from reliability.wire import Attack

__all__ = ["Outcome", "Trial"]

ROOT = Path(__file__).parents[1]

#: Of the guest's visits, how many have to go well; and where there are so few that one more or less decides.
SHARE, SHARE_QUICK = 0.99, 0.9

#: Within how many seconds 99 of 100 of them: of a service alone, and of one behind nginx.
P99, P99_BEHIND = 1.0, 0.05

#: By how many bytes a service may grow, and for how many seconds it may be unwell afterwards.
GROWTH, RECOVERY = 50_000_000, 1.0

#: Of a core, what a service may use that has nothing to do.
IDLE = 0.2

#: How often memory is looked at, and for how long an idle service is watched, in seconds.
LOOK, WATCH = 0.25, 1.0

#: How long is waited for a service to be well again before it is given up, in seconds.
GIVEN_UP = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has been seen."""

    visits: Visits
    bound: float
    """Seconds that 99 of 100 visits may take."""
    growth: int
    """Bytes by which the service had grown when it was largest."""
    recovery: float
    """Seconds after the attack's end until a visit went well, or infinity."""
    idle: float
    """Of a core, what it used or waited for when the attack was over."""
    traceback: str
    """The last line of the first traceback in its log, or an empty string."""
    quick: bool = False
    """Without what is timed, which a busy machine decides."""

    def complaints(self) -> list[str]:
        """What was not as it should be."""
        went_well = f"only {self.visits.share:.1%} of the visits went well ({self.visits.usual_failure})"
        found = {
            went_well: self.visits.share < (SHARE_QUICK if self.quick else SHARE),
            f"it grew by {self.growth / 1e6:.0f} MB": self.growth > GROWTH,
            f"it logged {self.traceback}": bool(self.traceback),
            "it was not well again": self.recovery == float("inf"),
        }
        timed = {
            f"p99 was {self.visits.p99 * 1e3:,.0f} ms": self.visits.p99 > self.bound,
            f"it was well again after {self.recovery:.1f} s": RECOVERY < self.recovery < float("inf"),
            f"it used {self.idle:.0%} of a core with nothing to do": self.idle > IDLE,
        }
        return [text for text, true in (found if self.quick else found | timed).items() if true]


class Trial:
    """Attacks, and looks. The guest is a process of its own, which no attack slows down."""

    def __init__(self, seconds: float, *, quick: bool = False) -> None:
        self.seconds, self.quick = seconds, quick
        self.patience = PATIENCE_QUICK if quick else PATIENCE

    async def run(self, victim: Victim, attack: Attack) -> Outcome:
        """The attack begins, the guest comes once it is under way, and both end together."""
        begun, before = len(victim.said()), victim.hop().memory
        largest = Largest(lambda: victim.hop().memory)
        attacking, looking = asyncio.create_task(attack(victim.place)), asyncio.create_task(largest.look())
        try:
            visits = await visited(victim, self.seconds, self.patience)
        finally:
            await over(attacking)
        recovery = await well_again(victim, self.patience)
        await over(looking)
        # What it does in the second that it has is putting away; what it does then is a loop.
        await asyncio.sleep(0 if self.quick else max(RECOVERY - recovery, 0))
        hop = victim.hop()
        used = hop.read()
        await asyncio.sleep(0 if self.quick else WATCH)
        idle = used.until(hop.read()).demand
        bound = P99_BEHIND if victim.place.sources else P99
        return Outcome(
            visits, bound, largest.most - before, recovery, idle, traceback(victim.said()[begun:]), self.quick
        )


async def visited(victim: Victim, seconds: float, patience: float) -> Visits:
    """What a guest met who came from elsewhere."""
    words = ("-m", "reliability.guests", json.dumps(asdict(victim.place)), str(seconds), str(patience))
    guest = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        said, _ = await guest.communicate()
    finally:
        if guest.returncode is None:
            guest.kill()
            await guest.wait()
    return Visits(**json.loads(said))


class Largest:
    """How large something has been."""

    def __init__(self, measure: Callable[[], int]) -> None:
        self.measure, self.most = measure, 0

    async def look(self) -> None:
        """Look again and again until cancelled."""
        while True:
            self.most = max(self.most, await asyncio.to_thread(self.measure))
            await asyncio.sleep(LOOK)


async def over(task: "asyncio.Task[None]") -> None:
    """Stop it, and let what it raised by itself be known."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def well_again(victim: Victim, patience: float) -> float:
    """Seconds until a visit goes well."""
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < GIVEN_UP:
        visits = await visit(victim.place, 0.05, patience=patience)
        if visits.seconds:
            return passed + visits.seconds[0]
    return float("inf")


def traceback(text: str) -> str:
    """The error that the first traceback in a log ends with."""
    _, found, rest = text.partition("Traceback (most recent call last)")
    if not found:
        return ""
    lines = [line for line in rest.splitlines()[1:] if line and not line.startswith(" ")]
    return lines[0] if lines else "a traceback"
