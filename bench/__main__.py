"""``python -m bench COMMAND``: what `make bench`, `make compare` and `make bench-find-limit` call."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench import compare, here, limit, output
from bench.complaint import Complaint
from bench.contend import contend, plan_for
from bench.record import record
from bench.rounds import Plan
from bench.run import measure
from bench.suites import SUITES, find
from comparisons.quick import quicker
from comparisons.suites import NAMES, chosen, comparison
from native import interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.contest import Contest
    from bench.run import Run

__all__ = ["main"]

RESULTS: Final = Path(__file__).resolve().parent.parent / "results"

PLAN: Final = Plan()

#: A minute in place of four: as many rounds, as their number decides what can be told apart.
QUICK: Final = 0.2


def number(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], int | float]:
    """A reader of numbers between two others."""

    def read(text: str) -> int | float:
        try:
            value = kind(text)
        except ValueError:
            value = kind(-1)
        if not low <= value <= high:
            whole = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{text} is not {whole} from {low:g} to {high:g}")
        return value

    return read


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m bench", description="What each layer costs.")
    commands = top.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="measure a suite on the stack that is up")
    one.add_argument("--suite", default="ladder", help=f"{', '.join((*SUITES, *NAMES))} (default: ladder)")
    one.add_argument("--quick", action="store_true", help="a minute in place of four")
    one.add_argument(
        "--rounds", type=number(int, 1, 100), default=0, help="default: 5; comparisons: their own"
    )
    one.add_argument("--only", default="", help="of a comparison these candidates only, separated by commas")
    one.add_argument("--results", type=Path, default=RESULTS, help="folder (default: results/)")
    one.add_argument("--record", action="store_true", help="put the figures into the documentation")
    two = commands.add_parser("compare", help="which differences between two runs are real")
    two.add_argument("a", type=Path, metavar="A")
    two.add_argument("b", type=Path, metavar="B")
    three = commands.add_parser("find-limit", help="at which rate a rung breaks, and how it comes back")
    three.add_argument("rung", help="such as web-hello")
    three.add_argument("--via", choices=("direct", "nginx"), default="direct", help="default: direct")
    three.add_argument(
        "--bound", type=number(float, 0.1, 60_000), default=limit.BOUND, help="p99 in ms (default: 50)"
    )
    three.add_argument("--results", type=Path, default=RESULTS, help="folder (default: results/)")
    for each in (one, three):
        each.add_argument(
            "--users", type=number(int, 1, 1000), default=PLAN.users, help="connections (default: 16)"
        )
        each.add_argument(
            "--payload", type=number(int, 1, 60_000), default=PLAN.payload, help="bytes (default: 64)"
        )
    one.add_argument(
        "--rate", type=number(float, 1, 100_000), help="requests/s (default: 500; push: 20 posts/s)"
    )
    return top


def run(options: argparse.Namespace) -> int:
    """Measure a suite; 0 if the audit is passed."""
    if options.suite in NAMES:
        return contest(options)
    suite = find(options.suite)
    part = QUICK if options.quick else 1.0
    plan = Plan(
        options.rounds or PLAN.rounds, float(options.rate or suite.rate), options.users, options.payload,
        suite.open_seconds * part, suite.closed_seconds * part,
    )  # fmt: skip
    site = here.find(os.environ)
    output.require_room(options.results)
    measured = measure(suite, plan, site, quick=options.quick)
    return keep(options, measured)


def contest(options: argparse.Namespace) -> int:
    """Measure a comparison; 0 if the audit is passed."""
    suite = chosen(comparison(options.suite), options.only)
    plan = plan_for(
        suite, quick=options.quick, rounds=options.rounds, rate=float(options.rate or 0), users=options.users,
        payload=options.payload,
    )  # fmt: skip
    suite = quicker(suite) if options.quick else suite
    stack = here.stack_for(os.environ)
    place = here.place(os.environ)
    output.require_room(options.results)
    return keep(options, contend(suite, plan, place, stack=stack, quick=options.quick))


def keep(options: argparse.Namespace, measured: Run | Contest) -> int:
    """Write the report, and say where it is."""
    interrupts.ignored()  # the report is being written
    result = measured.as_json()
    folder = output.write(options.results, result, os.environ)
    for line in told(result):
        say(line)
    say(f"\n{folder / 'report.html'}")
    if options.record:
        for page in record(result):
            say(str(page))
    return 0 if result["audit"]["passed"] and result["complete"] else 1


def told(result: dict[str, object]) -> Sequence[str]:
    """The run in a few lines."""
    entries = result["entries"]
    assert isinstance(entries, list)  # noqa: S101 - for the type checker
    wide = max((len(f"{entry['title']} ({entry['via']})") for entry in entries), default=0)
    wide = max(wide, 28)
    lines = [] if not entries else [f"{'':{wide}}{'µs each':>14}{'p99':>10}{'requests/s':>13}   the limit"]
    for entry in entries:
        most = f"{entry['closed']['throughput']['median']:,.0f}" if "closed" in entry else "–"
        limits = " ".join(entry["saturated"]) + (", client-limited" if entry["client_limited"] else "")
        lines.append(
            f"{entry['title'] + ' (' + entry['via'] + ')':{wide}}{entry['cpu_us']['server']['median']:14.1f}"
            f"{entry['open']['latency']['p99']:10.0f}{most:>13}   {limits}"
        )
    audit = result["audit"]
    assert isinstance(audit, dict)  # noqa: S101 - likewise
    failed = [check for check in audit["checks"] if not check["passed"]]
    lines += [f"audit: {check['name']}: {check['detail']}" for check in failed] or [
        "audit: every check passed"
    ]
    absent = [*result.get("left_out", ()), *result.get("unwell", ())]  # type: ignore[misc]
    lines += [f"not measured: {each['title']}: {each['reason']}" for each in absent]
    if not result["complete"]:
        lines.append(str(result["stopped"]))
    return lines


def say(line: str) -> None:
    """Print."""
    sys.stdout.write(f"{line}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say. 0 is well, 1 is a finding, 2 is a complaint."""
    options = parser().parse_args(arguments)
    interrupts.all_alike()
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "run": run,
        "compare": lambda given: compare.show(given.a, given.b, say),
        "find-limit": lambda given: limit.show(given, here.find(os.environ), say),
    }
    try:
        return commands[options.command](options)
    except Complaint as complaint:
        sys.stderr.write(f"bench: {complaint}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("bench: interrupted; nothing is kept\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
