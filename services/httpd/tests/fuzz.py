"""A coverage-guided fuzzer: it keeps inputs that reach something new, and changes those.

``python fuzz.py -max_total_time=600 [FOLDER]`` for as long as you like; the tests give it seconds. The
invariant: any octets give requests or one refusal, nothing else, and the same ones however they are cut.
"""

import sys

import atheris

with atheris.instrument_imports(include=["httpd"]):
    from httpd.connection import Connection  # noqa: F401

from memory import Recorder, connect, read_answers

REFUSALS = {400, 413, 414, 417, 431, 501, 505}


def outcome(pieces: list[bytes]) -> tuple[list[object], list[int]]:
    recorder = Recorder()
    memory = connect(recorder).receive(*filter(None, pieces))
    answers = read_answers(memory.sent, [one.method for one in recorder.seen])
    statuses = [answer.status for answer in answers if answer.status != 100]
    refusals = [status for status in statuses if status != 200]
    assert len(statuses) - len(refusals) == len(recorder.seen)
    assert len(refusals) <= 1
    if refusals:
        assert statuses[-1] == refusals[0]
        assert refusals[0] in REFUSALS
        assert memory.ended
    return [(one.method, one.target, one.content, one.fields) for one in recorder.seen], statuses


def test_one_input(data: bytes) -> None:
    # The first octet says where the others are cut.
    if len(data) < 2:
        return
    place, octets = data[0], data[1:]
    place = place % len(octets)
    whole = outcome([octets])
    assert whole == outcome([octets[:place], octets[place:]])
    assert whole == outcome([octets[:place], octets[place : place + 1], octets[place + 1 :]])


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
