"""What a fault has done: who failed, for how long, and what should not have been."""

from dataclasses import dataclass, field

__all__ = ["HEAD", "Finding"]


@dataclass(slots=True)
class Finding:
    """One fault, as its guests have seen it."""

    fault: str
    requests: int = 0
    failed: int = 0
    """Of those who had nothing to do with what broke; or of all, where nothing should have failed."""
    whole: float | None = None
    """Seconds from the fault until everything was as before; None where that is no question."""
    note: str = ""
    wrong: list[str] = field(default_factory=list)
    """What should not have been, a sentence each."""

    def expect(self, true: object, sentence: str) -> None:
        """Note down the sentence unless it is so."""
        if not true:
            self.wrong.append(sentence)

    def row(self) -> str:
        """A line of Markdown."""
        whole = "" if self.whole is None else f"{self.whole:.1f} s"
        verdict = "; ".join(self.wrong) or "stands"
        return f"| {self.fault} | {self.requests:,} | {self.failed:,} | {whole} | {self.note} | {verdict} |"


HEAD = "| fault | requests | failed | whole again after | | |\n|---|---|---|---|---|---|"
