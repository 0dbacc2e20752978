"""The results' pages: what the bench has left, whatever else lies beside it, and no way out of the folder."""

import json
import os
import sys
from pathlib import Path

import pytest
from django.test import Client

sys.path.insert(0, str(Path(__file__).parent))

from bench_results import RESULT, entry, figure, write_run
from web.results.shelf import parsed
from web.views.front import drawn

OLD, NEW = "2026-11-19-090000-ladder", "2026-11-20-153000-ladder"


@pytest.fixture
def results(settings, tmp_path):
    settings.RESULTS_DIR = tmp_path / "results"
    parsed.cache_clear()
    drawn.cache_clear()  # the front page, which may be as old as the report
    return settings.RESULTS_DIR


@pytest.fixture
def client():
    return Client()


def text(response):
    return response.content.decode()


class TestList:
    @pytest.mark.parametrize("exists", [True, False])
    def test_an_empty_one_says_how_to_make_a_run(self, client, results, exists):
        if exists:
            results.mkdir()
        page = client.get("/results/")
        assert page.status_code == 200
        assert '<code class="command">make bench</code>' in text(page)

    def test_newest_first(self, client, results):
        write_run(results, OLD)
        write_run(results, NEW)
        page = text(client.get("/results/"))
        assert page.index(f"/results/{NEW}/") < page.index(f"/results/{OLD}/")
        assert "passed" in page

    def test_one_that_failed_its_audit_says_so(self, client, results):
        write_run(results, NEW, audit={"passed": False, "checks": []})
        assert '<span class="tag bad">failed</span>' in text(client.get("/results/"))

    def test_what_else_lies_there_is_counted_and_not_linked(self, client, results):
        (results / "2026-11-20-120000-load").mkdir(parents=True)
        (results / "2026-11-20-120000-load" / "WebEcho.html").write_text("<script>alert(1)</script>")
        (results / "README.md").write_text("what lies here")
        page = text(client.get("/results/"))
        assert "1 run of <code>make load</code>" in page
        assert "make bench" in page
        assert client.get("/results/2026-11-20-120000-load/").status_code == 404
        assert client.get("/results/2026-11-20-120000-load/WebEcho.html").status_code == 404

    @pytest.mark.parametrize(
        "content",
        [b"", b"{", b"[]", b"3", b'{"schema": "layercake-bench/2"}', b"\xff\xfe", b"[" * 100_000],
    )
    def test_a_result_that_is_none_is_named_and_breaks_nothing(self, client, results, content):
        write_run(results, OLD)
        (write_run(results, NEW) / "result.json").write_bytes(content)
        page = client.get("/results/")
        assert page.status_code == 200
        assert "result.json is no" in text(page)
        page = client.get(f"/results/{NEW}/")
        assert page.status_code == 200
        assert "result.json is no" in text(page)
        assert f"/results/{NEW}/report.html" in text(page)
        assert client.get("/").status_code == 200

    @pytest.mark.parametrize(
        "wrong", [None, 3, "x", [], {}, [3], [{"cpu_us": 3, "open": [], "saturated": 7}], 1e400]
    )
    @pytest.mark.parametrize("member", [name for name in RESULT if name != "schema"])
    def test_members_of_another_kind(self, client, results, member, wrong):
        write_run(results, NEW, **{member: wrong})
        for path in ("/results/", f"/results/{NEW}/", f"/results/compare/?a={NEW}&b={NEW}", "/"):
            assert client.get(path).status_code == 200


class TestRun:
    def test_its_figures(self, client, results):
        write_run(results, NEW)
        page = text(client.get(f"/results/{NEW}/"))
        assert "20 November 2026, 15:30 UTC" in page
        assert "<b>31.3</b> <span" in page
        assert "30.3–32.3" in page
        assert "32,000" in page  # requests/s
        assert (
            '<rect width="100" height="8"/>' not in page.split("Through nginx")[0]
        )  # one scale for both ways
        assert '<rect width="100.0" height="8"/>' in page.split("Through nginx")[1]
        assert "the client" in page
        assert "A processor" in page
        assert f'href="/results/{NEW}/report.html"' in page
        assert "ran-with.json" not in page  # it is not there

    def test_a_failed_audit_stands_on_top(self, client, results):
        checks = [{"name": "sent = ok + failed", "passed": False, "detail": "4000 and 3999"}]
        write_run(results, NEW, audit={"passed": False, "checks": checks}, complete=False, stopped="Ctrl-C")
        page = text(client.get(f"/results/{NEW}/"))
        assert page.index("sent = ok + failed: 4000 and 3999") < page.index("µs a request")
        assert "stopped early: Ctrl-C" in page

    def test_what_somebody_wrote_into_it_is_text(self, client, results):
        write_run(results, NEW, title="<script>x</script>", machine={"processor": "<b>"})
        assert "<script>x" not in text(client.get(f"/results/{NEW}/"))
        assert "<b>," not in text(client.get(f"/results/{NEW}/"))

    def test_a_comparison(self, client, results):
        entries = [
            entry("flask", 0, 400.0, connections=16, served=16, wrong=0),
            entry("wsgiref", 0, 500.0, via="nginx, kept", connections=16, served=7, wrong=3),
        ]
        unwell = [{"name": "x-echo", "title": "X echo", "reason": "no reply"}]
        left_out = [{"name": "y", "title": "Y", "reason": "it can't be installed here: no wheel"}]
        write_run(
            results, NEW, suite="servers", entries=entries, unwell=unwell, left_out=left_out, findings=[]
        )
        page = text(client.get(f"/results/{NEW}/"))
        assert "nginx, kept</h2>" in page
        assert page.count("not served</span>") == 1
        assert "9 not served" in page
        assert "3 wrong" in page
        assert "<dt>X echo</dt><dd>no reply</dd>" in page
        assert "no wheel" in page

    def test_a_suite_that_measures_in_its_own_way(self, client, results):
        write_run(results, NEW, suite="starvation", entries=[], findings=[{"k": 4}])
        assert "figures of its own kind" in text(client.get(f"/results/{NEW}/"))
        assert "starvation" in text(client.get("/results/"))

    def test_one_that_is_not_there(self, client, results):
        write_run(results, NEW)
        assert client.get(f"/results/{OLD}/").status_code == 404


class TestFiles:
    def test_a_report_looks_as_it_should_and_runs_nothing(self, client, results):
        write_run(results, NEW)
        response = client.get(f"/results/{NEW}/report.html")
        assert "<p>The report.</p>" in text(response)
        policy = response.headers["Content-Security-Policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "style-src 'unsafe-inline'" in policy
        assert "sandbox" in policy
        assert not any("script" in directive for directive in policy)
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_a_large_one_is_sent_compressed(self, client, results):
        write_run(results, NEW, report="<p>The same again.</p>" * 50_000)
        response = client.get(f"/results/{NEW}/report.html", headers={"Accept-Encoding": "gzip"})
        assert response.headers["Content-Encoding"] == "gzip"
        assert len(response.content) < 100_000

    @pytest.mark.parametrize(
        ("file", "kind"),
        [("result.json", "application/json"), ("summary.csv", "text/csv; charset=utf-8")],
    )
    def test_the_data_as_it_is(self, client, results, file, kind):
        run = write_run(results, NEW)
        response = client.get(f"/results/{NEW}/{file}")
        assert response.content == (run / file).read_bytes()
        assert response.headers["Content-Type"] == kind

    def test_one_that_is_larger_than_any_of_ours(self, client, results):
        write_run(results, NEW, report="x" * (4 * 1024 * 1024 + 1))
        assert client.get(f"/results/{NEW}/report.html").status_code == 404


class TestNoWayOut:
    @pytest.fixture
    def secret(self, results):
        """A run's files, just outside the folder."""
        return write_run(results.parent, "outside")

    @pytest.mark.parametrize(
        "path",
        [
            "../outside/result.json", "%2e%2e/outside/result.json", "..%2foutside/result.json",
            "../outside/", "..%2Foutside/", "%2e%2e%2foutside/", "..\\outside/result.json", "./result.json",
            "%00/result.json", f"{NEW}/..%2f..%2foutside%2fresult.json", f"{NEW}%00/result.json",
            f"{NEW}/result.json%00", f"{NEW}/secret_key", f"{NEW}/", "." * 300 + "/", "雪/",
            "%ff/result.json", "compare/?a=../outside&b=../outside", f"compare/?a=%2e%2e%2foutside&b={OLD}",
        ],
    )  # fmt: skip
    @pytest.mark.usefixtures("secret")
    def test_whatever_is_typed(self, client, results, path):
        write_run(results, OLD)
        assert client.get(f"/results/{path}").status_code in {400, 404}

    def test_a_link_to_another_folder_is_no_run(self, client, results, secret):
        results.mkdir()
        (results / NEW).symlink_to(secret)
        assert NEW not in text(client.get("/results/"))
        assert client.get(f"/results/{NEW}/").status_code == 404
        assert client.get(f"/results/{NEW}/result.json").status_code == 404

    @pytest.mark.parametrize("make", [Path.symlink_to, Path.hardlink_to])
    def test_a_link_in_place_of_a_file(self, client, results, secret, make):
        """A symbolic link is not followed. (A hard link is the file: whoever made it could read it.)"""
        run = write_run(results, NEW)
        (run / "report.html").unlink()
        make(run / "report.html", secret / "summary.csv")
        followed = client.get(f"/results/{NEW}/report.html").status_code == 200
        assert followed == (make is Path.hardlink_to)

    def test_what_is_no_file(self, client, results):
        run = write_run(results, NEW)
        for name in ("report.html", "summary.csv"):
            (run / name).unlink()
        (run / "report.html").mkdir()
        os.mkfifo(run / "summary.csv")
        assert client.get(f"/results/{NEW}/report.html").status_code == 404
        assert client.get(f"/results/{NEW}/summary.csv").status_code == 404

    def test_nothing_stays_open(self, client, results):
        write_run(results, NEW)
        client.get("/results/")
        before = len(list(Path("/proc/self/fd").iterdir()))
        for path in ("/results/", f"/results/{NEW}/report.html", "/results/nothing/x", f"/results/{NEW}/x"):
            client.get(path)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before


class TestComparison:
    def compare(self, client):
        return text(client.get(f"/results/compare/?a={OLD}&b={NEW}"))

    def test_a_difference_is_one_that_the_intervals_show(self, client, results):
        write_run(results, OLD)
        slower = entry("web", 4, 505.0)
        unclear = entry("tcp", 1, 12.0)
        write_run(results, NEW, entries=[slower, unclear, entry("new", 6, 1.0)])
        page = self.compare(client)
        web, tcp = page.index("web echo"), page.index("tcp echo")
        assert "+20.1 %" in page[web : web + 900]
        assert ">more</span>" in page[web : web + 900]
        assert "no difference" in page[tcp : tcp + 900]
        assert "new echo" not in page

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"mode": "docker"}, "The mode is not the same: native and docker."),
            ({"suite": "push"}, "The suite is not the same"),
            (
                {"settings": {**RESULT["settings"], "payload": 1024}},
                "The payload is not the same: 64 and 1024.",
            ),
            ({"machine": {**RESULT["machine"], "cores": 8}}, "The number of cores is not the same: 2 and 8."),
        ],
    )
    def test_unlike_is_not_compared_with_unlike(self, client, results, change, reason):
        write_run(results, OLD)
        write_run(results, NEW, **change)
        page = self.compare(client)
        assert reason in page
        assert "Verdict" not in page

    def test_the_form_without_a_choice(self, client, results):
        write_run(results, NEW)
        assert client.get("/results/compare/").status_code == 200
        response = client.get("/results/compare/?a=x&b=y")
        assert response.status_code == 400
        assert "Choose two runs" in text(response)


class TestFrontPage:
    def test_it_says_what_each_rung_costs(self, client, results):
        write_run(results, OLD, entries=[entry("tcp", 1, 99.0)])
        write_run(results, NEW)
        page = text(client.get("/"))
        assert "<b>420.5 µs</b>" in page
        assert "<b>31.3 µs</b>" in page
        assert "a delivered message" not in page
        assert "99 µs" not in page
        assert f'href="/results/{NEW}/"' in page

    def test_and_each_way_to_push(self, client, results):
        polling = {**entry("web", 1, 250.0), "name": "push-polling"}
        write_run(results, NEW, suite="push", entries=[polling], unit="delivered message")
        page = text(client.get("/"))
        assert "<b>250 µs</b> of processor time a delivered message" in page
        assert "µs a delivered message" in text(client.get(f"/results/{NEW}/"))

    @pytest.mark.parametrize(
        "change",
        [{"audit": {"passed": False, "checks": []}}, {"complete": False}, {"suite": "push"}, {"schema": "x"}],
    )
    def test_but_nothing_that_can_not_be_believed(self, client, results, change):
        write_run(results, OLD, entries=[entry("tcp", 1, 99.0)])
        write_run(results, NEW, **change)
        assert "<b>99 µs</b>" in text(client.get("/"))

    @pytest.mark.usefixtures("results")
    def test_without_a_run_it_says_how_to_make_one(self, client):
        assert "<code>make bench</code>" in text(client.get("/"))


def test_a_run_that_was_written_again_is_read_again(client, results):
    run = write_run(results, NEW)
    client.get(f"/results/{NEW}/")
    result = {**RESULT, "entries": [{**entry("tcp", 1, 77.7), "cpu_us": {"server": figure(77.7)}}]}
    (run / "result.json").write_text(json.dumps(result))
    os.utime(run / "result.json", ns=(1, 1))
    assert "77.7" in text(client.get(f"/results/{NEW}/"))
