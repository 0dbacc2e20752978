"""The whole page."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.report import comparison
from bench.report.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["document", "page"]

QUIET: Final = 0.1
"""Cores that other programs may keep busy on a machine that is called quiet."""

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is fetched, nothing runs."""

STYLE: Final = Path(__file__).with_name("style.css")


def page(result: dict[str, Any]) -> str:
    """A result as HTML."""
    machine = result["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores"
    mode = "local processes" if result["mode"] == "native" else "containers"
    rounds = result["settings"]["rounds"]
    facts = (
        result["started"], mode, where, f"{rounds} round{'s' if rounds != 1 else ''}",
        f"{result['settings']['payload']} bytes",
    )  # fmt: skip
    sections = comparison.SECTIONS if "candidates" in result else SECTIONS
    return document(
        result["title"],
        result.get("question", ""),
        facts,
        cautions(result),
        [make(result) for make in sections],
    )


def document(
    title: str, question: str, facts: Sequence[str], warnings: Sequence[str], sections: Sequence[str]
) -> str:
    """What every page has around its sections, which are HTML; all else is text."""
    style = STYLE.read_text(encoding="utf-8")
    return "\n".join((
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        "<meta name='color-scheme' content='light dark'>",
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{escape(title)} · Layercake</title>",
        f"<style>{style}</style></head><body><main>",
        f"<header><h1>{escape(title)}</h1>",
        f"<p class='question'>{escape(question)}</p>",
        f"<p class='facts'>{escape(' · '.join(facts))}</p></header>",
        *(f"<p class='warning'>{escape(line)}</p>" for line in warnings),
        *sections,
        "</main></body></html>\n",
    ))  # fmt: skip


def cautions(result: dict[str, Any]) -> list[str]:
    """What has to be known before anything else is read."""
    lines = []
    failed = [check for check in result["audit"]["checks"] if not check["passed"]]
    if failed:
        names = "; ".join(check["name"] for check in failed)
        lines.append(
            f"This run has failed its audit; do not quote it. What does not hold: {names}. See Audit, below."
        )
    if not result["complete"]:
        lines.append(f"This run is not complete: {result['stopped']}. What is here is of whole rounds.")
    if result["quick"]:
        lines.append(
            "A quick run: short windows, so wide intervals and few requests behind the high percentiles."
        )
    if result["others"] > QUIET:
        lines.append(
            f"The machine was not quiet: other programs kept {result['others']:.2f} cores busy. Times and "
            "throughput are theirs too; processor time for each request suffers less."
        )
    if again := result.get("taken_again"):
        turns = "turn was" if again == 1 else "turns were"
        lines.append(
            f"{again} {turns} taken again, as the load generator was held up meanwhile: that says nothing of "
            "the servers."
        )
    if not result["pinned"]:
        lines.append("The load had no core to itself: it took some of the servers' time.")
    return lines
