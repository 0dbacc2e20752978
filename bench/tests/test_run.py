"""A whole run, small: two rungs on a server of ours, measured, audited, written, reported, read again."""

import csv
import json
import re
from contextlib import ExitStack
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from bench import output, result
from bench import run as run_module
from bench.awake import ASLEEP
from bench.complaint import Complaint
from bench.cores import split
from bench.load import ROOT
from bench.orders import Outcome
from bench.progress import Progress
from bench.report.page import page
from bench.rounds import Books, Plan, Turn, contenders
from bench.run import expected_seconds, measure
from bench.started import site_of, start
from bench.suites import LADDER, Candidate, Suite

PLAN = Plan(rounds=2, rate=20, users=3, payload=64, open_seconds=0.3, closed_seconds=0.1)

INSTRUMENTS = run_module.Instruments(None, None, ASLEEP)

SUITE = Suite(
    "pair", "Two of a kind", "Is one of them slower?",
    (
        Candidate("plain-echo", "plain", "http", "echo", "nothing", 1, "/echo"),
        Candidate("busy-echo", "busy", "http", "echo", "2 ms of <work>", 2, "/echo", stands_on="plain-echo"),
    ),
    ways=("direct",),
)  # fmt: skip


CONTENDER = contenders(SUITE)[0]


class Quiet(Progress):
    """Says nothing, and may be interrupted at the n-th word."""

    def __init__(self, interrupt_at=None):
        super().__init__(1.0)
        self.shown = []
        self.interrupt_at = interrupt_at

    def show(self, what):
        self.shown.append(what)
        if self.interrupt_at and what.startswith(self.interrupt_at):
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def servers():
    """One pair for all tests here."""
    with ExitStack() as stack:
        yield {
            "plain": stack.enter_context(start("bench.planted")),
            "busy": stack.enter_context(start("bench.planted", "--busy", "2")),
        }


@pytest.fixture(scope="module")
def measured(servers):
    return json.loads(json.dumps(measure(SUITE, PLAN, site_of(servers), progress=Quiet()).as_json()))


def entries(run):
    return {entry["name"]: entry for entry in run["entries"]}


def test_what_was_planted_is_there(measured):
    found = entries(measured)
    plain, busy = (found[name]["cpu_us"]["service"]["median"] for name in ("plain-echo", "busy-echo"))
    assert 1500 < busy - plain < 4000
    assert found["busy-echo"]["adds"] == "2 ms of <work>"
    assert all(len(entry["closed"]["throughput"]["rounds"]) == 2 for entry in measured["entries"])


def test_the_books_agree(measured):
    for entry in measured["entries"]:
        sent = entry["open"]["sent"] + entry["closed"]["sent"]
        assert entry["counted"] == {"client": sent, "server": sent, "nginx": None}
    checks = {check["name"]: check["passed"] for check in measured["audit"]["checks"]}
    assert checks["the client's count = the server's own"]
    assert checks["every reply was right, byte for byte"]
    assert checks["sent = right + failed, and due = sent + missed"]
    assert checks["percentiles are in order"]
    assert len(checks) == 8


def test_every_field_of_the_documentation_is_there(measured):
    text = (ROOT / "bench" / "README.md").read_text()
    blocks = text[text.index("## result.json") :].split("```")
    for block, members in ((blocks[1], measured), (blocks[3], measured["entries"][0])):
        documented = set(re.findall(r"^([a-z_]+) ", block, re.MULTILINE))
        assert documented == members.keys()


def one_turn(lateness, **more):
    opened, closed = (Outcome(sent=100, ok=100) for _ in range(2))
    opened.lateness.add({900: 98, lateness: 2})
    for outcome in (opened, closed):
        outcome.latency.add({500: 100})
    for name, value in more.items():
        setattr(opened, name, value)
    return Turn(opened, closed, {}, {}, {}, Books(200, 200, None), 100, 1)


@pytest.mark.parametrize(
    ("held_up", "pinned", "taken"), [(0, True, 1), (1, True, 2), (9, True, 3), (9, False, 1)]
)
def test_a_turn_is_taken_again_when_the_generator_was_held_up(monkeypatch, held_up, pinned, taken):
    """Only then, no more often than is allowed, and never silently."""
    turns = [one_turn(7_000 if number < held_up else 4_000) for number in range(3)]
    coming = iter(turns)
    monkeypatch.setattr(run_module, "take_turn", lambda *_: next(coming))
    run = run_module.Run(SUITE, PLAN, site_of({}), pinned=pinned)
    turn, again = run_module.undisturbed(run, INSTRUMENTS, CONTENDER)
    assert turn is turns[taken - 1]
    assert again == taken - 1


def test_a_turn_with_a_fault_is_kept_however_late_the_generator_was(monkeypatch):
    for fault in ({"failed": 1, "ok": 99, "failures": {"wrong bytes": 1}}, {"missed": 1}):
        turn = one_turn(7_000, **fault)
        monkeypatch.setattr(run_module, "take_turn", lambda *_, turn=turn: turn)
        run = run_module.Run(SUITE, PLAN, site_of({}), pinned=True)
        assert run_module.undisturbed(run, INSTRUMENTS, CONTENDER) == (turn, 0)


@pytest.mark.skipif(len(split().stack) != 1, reason="of several cores the kernel chooses")
def test_the_core_was_awake_and_its_pace_is_told(measured, html):
    pace = measured["pace"]
    assert 1000 < pace["low"] <= pace["median"] <= pace["high"]
    for entry in measured["entries"]:
        paces = entry["as_measured"]["pace"]
        assert len(paces) == len(entry["as_measured"]["server"]) == 2
        assert all(pace["low"] <= each <= pace["high"] for each in paces)
    assert f"{pace['median']:,} rounds/s" in html


class Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def html(measured):
    return page(measured)


class TestReport:
    def test_it_is_one_small_file_that_fetches_nothing(self, html):
        parser = Parser()
        parser.feed(html)
        assert parser.open == []
        assert len(html.encode()) < 300_000
        names = {tag for tag, _ in parser.tags}
        assert not names & {"script", "link", "img", "iframe", "object"}
        assert not re.search(r"url\(|@import|https?:", html)
        assert not any(name.startswith("on") or name == "style" for _, attrs in parser.tags for name in attrs)

    def test_each_picture_is_well_formed_and_has_a_table_beside_it(self, html):
        figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
        assert len(figures) >= 6 - 1  # one way: nothing to compare it with
        for figure in figures:
            svg, table = re.fullmatch(r"<figure>(<svg.*?</svg>)(.*)</figure>", figure, re.DOTALL).groups()
            assert ET.fromstring(svg).get("aria-label")
            assert "<table>" in table
            numbers = [float(number) for number in re.findall(r'(?:width|x\d?|y\d?|cx|cy)="(-?[\d.]+)"', svg)]
            assert min(numbers) >= 0

    def test_both_schemes_and_paper(self, html):
        assert "prefers-color-scheme: dark" in html
        assert "@media print" in html

    def test_words_of_others_are_escaped(self, html):
        assert "2 ms of &lt;work&gt;" in html

    @pytest.mark.parametrize(
        ("again", "said"), [(1, "1 turn was taken again"), (3, "3 turns were taken again")]
    )
    def test_turns_that_were_taken_again_are_told_of(self, measured, again, said):
        assert said in page({**measured, "taken_again": again})
        assert "taken again, as" not in page({**measured, "taken_again": 0})

    def test_a_run_that_failed_says_so_on_top(self, measured):
        failed = json.loads(json.dumps(measured))
        failed["audit"]["passed"] = False
        failed["audit"]["checks"][0] |= {"passed": False, "detail": "one was not"}
        html = page(failed)
        assert html.index("failed its audit") < html.index("<section>")
        assert html.index("every reply was right") < html.index("<section>")
        assert "one was not" in html


class TestFolder:
    def test_all_four_files(self, measured, tmp_path):
        folder = output.write(tmp_path, measured, {"ROUNDS": "2"})
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}-pair", folder.name)
        assert {path.name for path in tmp_path.iterdir()} == {folder.name}
        assert {path.name for path in folder.iterdir()} == {
            "report.html", "result.json", "summary.csv", "ran-with.json",
        }  # fmt: skip
        assert result.read(folder) == measured
        lines = list(csv.DictReader((folder / "summary.csv").read_text().splitlines()))
        assert [line["name"] for line in lines] == ["plain-echo", "busy-echo"]
        assert json.loads((folder / "ran-with.json").read_text())["environment"] == {"ROUNDS": "2"}

    def test_two_in_one_second(self, measured, tmp_path):
        folders = [output.write(tmp_path, measured, {}) for _ in range(2)]
        assert folders[1].name == f"{folders[0].name}-2"

    def test_a_folder_that_can_not_be_made(self, tmp_path):
        (tmp_path / "results").write_text("in the way")
        with pytest.raises(Complaint, match=r"results can't be written \(.*\): make room, or name another"):
            output.require_room(tmp_path / "results")

    def test_a_disk_that_is_full_before(self, tmp_path, monkeypatch):
        monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 4096}))
        with pytest.raises(Complaint, match="only 4 KiB are free"):
            output.require_room(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_a_disk_that_is_full_after(self, measured, tmp_path, monkeypatch):
        """The third file does not fit: no half report is left."""
        write = type(tmp_path).write_text

        def full(path, *words, **more):
            if path.name == "summary.csv":
                raise OSError(28, "No space left on device")
            return write(path, *words, **more)

        monkeypatch.setattr(type(tmp_path), "write_text", full)
        with pytest.raises(Complaint, match=r"no space left on device.* so nothing is kept: make room"):
            output.write(tmp_path, measured, {})
        assert list(tmp_path.iterdir()) == []


class TestInterrupted:
    def test_whole_rounds_are_kept(self, servers):
        run = measure(SUITE, PLAN, site_of(servers), progress=Quiet("round 2 of 2: busy")).as_json()
        assert not run["complete"]
        assert run["stopped"] == "interrupted after 1 of 2 rounds, which are kept"
        assert [len(entry["cpu_us"]["service"]["rounds"]) for entry in run["entries"]] == [1, 1]
        assert "This run is not complete: interrupted after 1 of 2 rounds" in page(run)

    def test_before_the_first(self, servers):
        with pytest.raises(Complaint, match="before the first round was whole: nothing is kept"):
            measure(SUITE, PLAN, site_of(servers), progress=Quiet("round 1 of 2: busy"))


class TestRefused:
    def test_wrong_bytes(self, servers):
        with start("bench.planted", "--corrupt", "1") as spoiled:
            site = site_of({**servers, "busy": spoiled})
            words = r"busy echo \(direct\) is not well, so nothing was measured: the content is not"
            progress = Quiet()
            with pytest.raises(Complaint, match=words):
                measure(SUITE, PLAN, site, progress=progress)
            assert not any(word.startswith("round") for word in progress.shown)

    def test_a_rate_that_can_not_be_offered(self, servers):
        """2 ms of processor time: not two thousand a second, on any machine."""
        with pytest.raises(Complaint, match=r"2000 requests/s can't be offered: .* Set RATE to \d+ or less"):
            measure(SUITE, Plan(1, 2000, 3, 64, 0.1, 0.1), site_of(servers), progress=Quiet())


def test_how_long_it_takes_by_default():
    assert 180 < expected_seconds(LADDER, Plan()) < 270
