"""The section of the report: for each way to hold a server up, who was served with how many others there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.report.svg import Drawing
from bench.report.words import listed, mebibytes, part, table, time

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["METHOD", "report", "sentence"]

Finding = dict[str, Any]

METHOD: Final = tuple(
    Path(__file__).with_name("method-starvation.txt").read_text(encoding="utf-8").splitlines()
)

WIDTH: Final = 720
LEFT: Final = 188
TOP: Final = 28
ROW: Final = 30
BAR: Final = 12

WORDS: Final = {
    "long polls": "Requests that the application keeps waiting as long as the visitor comes.",
    "slow clients": "Clients that send content an octet at a time, four a second, and take many minutes.",
}


def report(findings: Sequence[Finding]) -> str:
    """HTML."""
    from bench.report.sections import figure, section  # noqa: PLC0415 - it imports the suites, which import us

    kinds = dict.fromkeys(each["kind"] for each in findings)
    return "".join(
        section(
            kind.capitalize(),
            f"{WORDS[kind]} Meanwhile a visitor asks for the hello twenty times a second, each time over a "
            f"new connection, and gives up after {time(findings[0]['patience'])}. A bar is the part of the "
            "visits that was answered; the line is where all processes and threads are taken, as they are "
            f"counted beforehand. {sentence([each for each in findings if each['kind'] == kind])}",
            figure(
                picture([each for each in findings if each["kind"] == kind]),
                numbers([each for each in findings if each["kind"] == kind]),
            ),
        )
        for kind in kinds
    )


def sentence(findings: Sequence[Finding]) -> str:
    """What one sees."""
    bounded = [each for each in findings if each["predicted"] is not None]
    true = [each for each in bounded if each["starved_by"] == each["predicted"]]
    later = [each for each in bounded if outlasts(each)]
    sooner = [each for each in bounded if each not in true and each not in later]
    free = [each for each in findings if each["predicted"] is None]
    words = []
    if true:
        words.append(f"{named(true)} starved the visitor exactly when the last place was taken")
    if later:
        words.append(f"{named(later)} served with more than that: what holds it up takes none of its places")
    if sooner:
        words.append(f"{named(sooner)} had fewer places than predicted")
    words += [
        f"{title(each)}, which has no places to be taken, "
        + (
            f"starved at {each['starved_by']}"
            if each["starved_by"] is not None
            else f"still answered {part(rate(each['steps'][-1]))} with {each['served_with']}"
        )
        for each in free
    ]
    return "; ".join(words) + "." if words else ""


def outlasts(each: Finding) -> bool:
    """Was the visitor served although all places were to be taken?"""
    return each["served_with"] is not None and each["served_with"] >= each["predicted"]


def named(findings: Sequence[Finding]) -> str:
    """Their titles, as a list in a sentence."""
    return listed([title(each) for each in findings])


def title(finding: Finding) -> str:
    """One with a comma would be two in a list: `Gunicorn, sync` is `Gunicorn (sync)` there."""
    name, comma, more = str(finding["title"]).partition(", ")
    return f"{name} ({more})" if comma else name


def rate(step: dict[str, Any]) -> float:
    """The part that was answered."""
    return float(step["answered"] / step["asked"]) if step["asked"] else 0.0


def picture(findings: Sequence[Finding]) -> Drawing:
    """A row a server, a column a number of holders, a bar for the part that was answered."""
    columns = sorted({step["holders"] for each in findings for step in each["steps"]})
    apart = (WIDTH - LEFT) / max(len(columns), 1)
    drawing = Drawing(WIDTH, TOP + ROW * len(findings) + 6, "Visits answered, by how many hold the server up")
    for index, holders in enumerate(columns):
        drawing.text(LEFT + apart * index + BAR / 2, TOP - 9, f"{holders}", "small", "middle")
    for row, each in enumerate(findings):
        y = TOP + ROW * row + 3
        drawing.text(LEFT - 14, y + 17, each["title"], "label", "end")
        steps = {step["holders"]: step for step in each["steps"]}
        for index, holders in enumerate(columns):
            bar(drawing, LEFT + apart * index, y, steps.get(holders), f"c{row % 8}")
        if each["predicted"] is not None:
            free = sum(holders < each["predicted"] for holders in columns)
            drawing.line(LEFT + apart * free - 6, y - 2, LEFT + apart * free - 6, y + ROW - 5, "ceiling")
    return drawing


def bar(drawing: Drawing, x: float, y: float, step: dict[str, Any] | None, kind: str) -> None:
    """The part that was answered, and in figures beside it; nothing where nobody asked any more."""
    if step is None:
        return
    answered, high = rate(step), ROW - 7
    title = f"{step['answered']} of {step['asked']} answered, p99 {late(step)}"
    drawing.rectangle(x, y, BAR, high, f"{kind} limited", title)
    drawing.rectangle(x, y + high * (1 - answered), BAR, high * answered, kind, title)
    drawing.text(x + BAR + 4, y + 17, part(answered), "small")


def late(step: dict[str, Any]) -> str:
    """The p99 of all visits; one that was not answered took longer than any."""
    return "not answered" if step["p99"] is None else time(step["p99"])


def numbers(findings: Sequence[Finding]) -> str:
    """The same as a table."""
    head = (
        "server", "processes × threads", "served with", "starved by", "p99 alone", "p99 with the most served",
        "memory", "came back",
    )  # fmt: skip
    rows = []
    for each in findings:
        steps = {step["holders"]: step for step in each["steps"]}
        places = "no bound" if each["predicted"] is None else f"{each['processes']} × {each['threads']}"
        most = steps.get(each["served_with"])
        rows.append(
            [
                each["title"],
                places,
                "–" if each["served_with"] is None else f"{each['served_with']}",
                "–" if each["starved_by"] is None else f"{each['starved_by']}",
                late(each["steps"][0]),
                late(most) if most else "–",
                mebibytes(each["memory"]),
                "yes" if each["recovered"] else "no",
            ]
        )
    return table(head, rows)
