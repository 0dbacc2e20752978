"""What is said of a picture: made of its figures, and only of those that are the servers' own."""

from bench.report import findings
from bench.report.words import amount


def entry(short, connections, rate, *, limited=False, wrong=0):
    return {
        "short": short,
        "connections": connections,
        "rate": rate,
        "client_limited": limited,
        "wrong": wrong,
    }


def said(*entries, best_is_low=False):
    return findings.curve(
        entries, lambda each: each["rate"], amount, ("most", "least"), best_is_low=best_is_low
    )


def test_the_ends_of_the_curves():
    words = said(entry("a", 1, 100), entry("b", 1, 50), entry("a", 256, 300), entry("b", 256, 900))
    assert words.startswith("With 1 connection a has the most (100), b the least (50);")
    assert "with 256 connections b has the most (900), a the least (300)" in words
    assert "a changes least (by a factor of 3.0), b most (18.0)" in words


def test_who_the_client_held_back_is_not_ranked():
    words = said(
        entry("a", 1, 100), entry("b", 1, 50), entry("c", 1, 999, limited=True), entry("a", 256, 300),
        entry("b", 256, 900, limited=True),
    )  # fmt: skip
    assert "With 1 connection a has the most (100)" in words
    assert "with 256 connections a has the most (300)" in words
    assert "c and b came within 80 % of what the client can do with 1, 256 connections, and are" in words


def test_what_it_costs_is_ranked_all_the_same():
    words = said(entry("a", 1, 9, limited=True), entry("a", 16, 5, limited=True), best_is_low=True)
    assert "With 1 connection a has the most (9)" in words


def test_who_is_wrong_is_not_ranked():
    words = said(entry("a", 1, 100), entry("b", 1, 999, wrong=1), entry("a", 16, 100))
    assert "999" not in words
