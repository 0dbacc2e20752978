"""Every case of the corpus, whole, octet by octet and split at every place:

Always the same requests and the same refusal.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from corpus import INVALID, VALID, Case
from memory import Recorder, connect, read_answers


def play(case: Case, pieces: Sequence[bytes]) -> None:
    recorder = Recorder()
    memory = connect(recorder).receive(*pieces)
    seen = [(one.method, one.target, one.content) for one in recorder.seen]
    assert seen == [(one.method, one.target, one.content) for one in case.requests]
    for one, expected in zip(recorder.seen, case.requests, strict=True):
        assert {name: one.fields.get(name) for name in expected.fields} == expected.fields
    answers = read_answers(memory.sent, [one.method for one in case.requests])
    final = [answer for answer in answers if answer.status != 100]
    closing = [answer.fields.get("connection") == "close" for answer in final]
    if case.refusal is None:
        assert [answer.status for answer in final] == [200] * len(case.requests)
        assert closing == [expected.closes for expected in case.requests]
        assert memory.ended == case.requests[-1].closes
    else:
        assert [answer.status for answer in final] == [200] * len(case.requests) + [case.refusal]
        assert closing[-1]
        assert memory.ended
    assert [answer.content for answer in final[: len(seen)]] == [
        b"" if method == "HEAD" else content for method, _, content in seen
    ]


@pytest.mark.parametrize("case", [*VALID, *INVALID], ids=str)
class TestCorpus:
    def test_whole(self, case: Case) -> None:
        play(case, [case.octets])

    def test_octet_by_octet(self, case: Case) -> None:
        play(case, [case.octets[n : n + 1] for n in range(len(case.octets))])

    def test_split_at_every_place(self, case: Case) -> None:
        # A long case is split at fewer places: around its beginning and its end, and at some in between.
        size = len(case.octets)
        places = (
            range(1, size)
            if size < 600
            else [*range(1, 200), *range(200, size - 100, 97), *range(size - 100, size)]
        )
        for place in places:
            play(case, [case.octets[:place], case.octets[place:]])


def test_the_corpus_is_there() -> None:
    assert len(VALID) >= 49
    assert len(INVALID) >= 126


def test_what_the_conformance_page_names_is_there() -> None:
    page = Path(__file__).parents[3] / "docs" / "conformance.md"
    there = {case.name.partition("/")[2] for case in [*VALID, *INVALID]}
    there |= {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    rows = [line.split("|") for line in page.read_text().splitlines() if line.startswith("|") and "`" in line]
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row[-2])}
    assert len(rows) > 70
    assert named <= there, named - there
