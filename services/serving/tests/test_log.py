"""One line an event, and not too many of a kind."""

import io
import json
import os
import sys

import pytest
from serving import log as module
from serving.log import Log


def test_a_line_is_a_time_a_name_an_event_and_fields():
    stream = io.StringIO()
    fields = {"model": "selector", "workers": 2, "why": "", "quote": '"', "line": "a\nb"}
    Log("tcp", stream)("start", **fields, reason=OSError("gone"))
    said = json.loads(stream.getvalue())
    stamp = said.pop("time")
    assert len(stamp) == len("2026-11-20T12:00:00.000Z")
    assert stamp.endswith("Z")
    assert said == {"logger": "tcp", "event": "start", **fields, "reason": "gone"}


@pytest.mark.parametrize("nasty", ["a\r\nb\x1b[31m\x00\x7f\x85\u2028\u202e", "\udcff", '"}\n{"event":"'])
def test_nothing_that_is_sent_ends_a_line_or_steers_a_terminal(nasty):
    stream = io.StringIO()
    Log("tcp", stream)("failed", error=nasty)
    line = stream.getvalue()
    assert line.endswith("\n")
    assert line[:-1].isascii()
    assert line[:-1].isprintable()
    assert json.loads(line)["error"] == nasty


def test_of_a_kind_that_peers_cause_a_few_are_written_and_the_rest_counted(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    stream = io.StringIO()
    log = Log("tcp", stream)
    for number in range(100):
        log.limited("reset", number=number)
        log.limited("refused", number=number)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[-1].endswith('"refused", "number": 4}')
    now += module.PERIOD + 1
    log.limited("reset", number=100)
    assert stream.getvalue().splitlines()[-1].endswith('"reset", "number": 100, "left_out": 95}')
    now += module.PERIOD + 1
    log.limited("reset", number=101)
    assert stream.getvalue().splitlines()[-1].endswith('"reset", "number": 101}')


def test_a_log_that_nobody_reads_hurts_nobody(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    stream = open(writer, "w")  # noqa: PTH123, SIM115 - of a pipe
    log = Log("tcp", stream)
    log("start")
    log.limited("reset")
    with pytest.raises(BrokenPipeError):
        stream.close()
    log("stop")
    monkeypatch.setattr(sys, "stderr", None)  # as Python has it when the descriptor was closed
    Log("tcp")("start")
