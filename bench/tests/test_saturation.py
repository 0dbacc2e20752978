"""Which hop is named, for what each of them did."""

import pytest

from bench.hops import Use
from bench.saturation import saturated, typical


def use(cpu=0.1, demand=0.1, throttled=0.0):
    return Use(1.0, cpu, demand, throttled)


@pytest.mark.parametrize("hop", ["nginx", "service", "redis", "generator"])
class TestEachHop:
    def others(self, hop):
        return {name: use(0.3, 0.4) for name in ("nginx", "service", "redis", "generator") if name != hop}

    def test_that_runs_all_the_time(self, hop):
        assert saturated({**self.others(hop), hop: use(0.97, 0.98)}) == [hop]

    def test_that_waits_for_a_core_that_somebody_else_has(self, hop):
        assert saturated({**self.others(hop), hop: use(0.2, 0.99)}) == [hop]

    def test_that_a_quota_stops(self, hop):
        assert saturated({**self.others(hop), hop: use(0.3, 0.35, 0.6)}) == [hop]


def test_nobody():
    assert saturated({"service": use(0.5, 0.6), "generator": use(0.8, 0.85, 0.05)}) == []


def test_two_that_share_a_core():
    assert saturated({"nginx": use(0.3, 0.95), "service": use(0.6, 0.96)}) == ["service", "nginx"]


def test_a_quota_explains_the_rest():
    assert saturated({"nginx": use(0.2, 0.3, 0.7), "service": use(0.9, 0.95)}) == ["nginx"]


def test_one_odd_round_decides_nothing():
    rounds = [use(0.2, 0.3), use(0.2, 0.3), use(0.2, 1.0, 0.9)]
    assert typical(rounds) == use(0.2, 0.3)
