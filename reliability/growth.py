"""Whether something grows: what was seen of it over time, and the straight line through that."""

from statistics import linear_regression, median
from typing import NamedTuple

__all__ = ["Look", "Series"]


class Look(NamedTuple):
    """What a service held at one time, or as a median of several."""

    memory: float
    """Bytes."""
    descriptors: int


class Series:
    """Memory and descriptors of one service, look after look."""

    def __init__(self) -> None:
        self.when: list[float] = []
        self.memory: list[int] = []
        self.descriptors: list[int] = []

    def add(self, when: float, memory: int, descriptors: int) -> None:
        """What was seen after so many seconds."""
        self.when.append(when)
        self.memory.append(memory)
        self.descriptors.append(descriptors)

    def after(self, warm_up: float) -> slice:
        """The looks after the first part of the time, or all where that leaves less than two."""
        if not self.when:
            return slice(0, 0)
        begin = self.when[0] + (self.when[-1] - self.when[0]) * warm_up
        first = sum(when < begin for when in self.when)
        return slice(first if len(self.when) - first > 1 else 0, None)

    def slope(self, warm_up: float) -> float:
        """Bytes a minute, by least squares."""
        part = self.after(warm_up)
        if len(self.when[part]) < 2:
            return 0.0
        return linear_regression(self.when[part], self.memory[part]).slope * 60

    def ends(self, warm_up: float) -> tuple[Look, Look]:
        """The medians of the first fifth and of the last one."""
        part = self.after(warm_up)
        memory, held = self.memory[part], self.descriptors[part]
        few = max(len(memory) // 5, 1)
        return (
            Look(median(memory[:few]), round(median(held[:few]))),
            Look(median(memory[-few:]), round(median(held[-few:]))),
        )

    def more_descriptors(self, warm_up: float) -> int:
        """How many more it held at the end."""
        first, last = self.ends(warm_up)
        return last.descriptors - first.descriptors
