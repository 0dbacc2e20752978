"""Faults of a whole stack, and the stacks that they are caused in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import NamedTuple

from wire.processes import processes_of
from wire.stack import Stack
from wire.up import up_or_not

from reliability.chaos import disk, kills, orders, replacements
from reliability.chaos.finding import Finding
from reliability.chaos.stand import doubled, stand

__all__ = ["Fault", "Stage", "stages"]

Fault = Callable[[], Finding]


class Stage(NamedTuple):
    """A stack, and what is done to it."""

    title: str
    stand: Callable[[str], AbstractContextManager[Stack]]
    faults: Callable[[Stack], Iterator[tuple[str, Fault]]]
    names: tuple[str, ...]
    """Of the faults, which can be told only when there is a stack."""


def stages(mode: str) -> list[Stage]:
    """Local processes have one, containers a second one with more of them."""
    first = Stage(f"a whole stack, {mode}", stand, single, SINGLE)
    second = Stage(f"a whole stack, {mode}, two of web, httpd and realtime", doubled, double, DOUBLE)
    return [first, second] if mode == "docker" else [first]


SINGLE = (
    "make reload",
    *(f"stop {service}" for service in orders.GUESTS),
    *(f"kill {service}" for service in kills.OTHERS),
    "kill locust",
    "redis away",
    "redis anew",
)


def single(stack: Stack) -> Iterator[tuple[str, Fault]]:
    """What can befall one of each."""
    processes, is_up = processes_of(stack), up_or_not(stack)
    causes: list[Fault] = [
        partial(replacements.replaced, stack),
        *(partial(orders.told, stack, processes, is_up, service) for service in orders.GUESTS),
        *(partial(kills.killed, stack, processes, is_up, service) for service in kills.OTHERS),
        partial(kills.locust_killed, stack, processes),
        partial(kills.store_away, stack, processes),
        partial(kills.store_moved, stack, processes),
    ]
    return zip(SINGLE, causes, strict=True)


DOUBLE = ("make reload of two", "redis volume full")


def double(stack: Stack) -> Iterator[tuple[str, Fault]]:
    """What it takes two for, and a disk of eight megabytes."""
    causes: list[Fault] = [
        partial(replacements.both_replaced, stack),
        partial(disk.volume_full, stack, processes_of(stack)),
    ]
    return zip(DOUBLE, causes, strict=True)
