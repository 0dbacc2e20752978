"""A core for the load, the others for the stack; and everything as it was afterwards."""

import os

import pytest

from bench.cores import Cores, keep_apart, split, tasks, together


def affinities(pid):
    return {frozenset(os.sched_getaffinity(task)) for task in tasks([pid])}


def test_the_last_core_is_the_generators(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 5})
    assert split() == Cores((5,), (0, 1))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert split() == Cores((), ())


def test_all_cores_for_the_stack(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 5})
    assert together() == Cores((), (0, 1, 5))


def test_kept_apart_and_let_go(planted):
    pid = planted().pid
    before = affinities(pid)
    core = min(os.sched_getaffinity(0))
    with keep_apart([pid], Cores((), (core,))) as moved:
        assert moved
        assert affinities(pid) == {frozenset({core})}
    assert affinities(pid) == before


def test_let_go_after_a_mishap(planted):
    pid = planted().pid
    before = affinities(pid)
    with pytest.raises(KeyboardInterrupt), keep_apart([pid], Cores((), (min(os.sched_getaffinity(0)),))):
        raise KeyboardInterrupt
    assert affinities(pid) == before


def test_one_core_is_for_all():
    with keep_apart([os.getpid()], Cores((), ())) as moved:
        assert not moved


def test_those_who_are_gone(planted):
    server = planted()
    server.process.kill()
    server.process.wait()
    with keep_apart([server.pid], Cores((), (0,))):
        pass
