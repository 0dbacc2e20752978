"""The contest between our clients and others; here only that it is fair and that its figures are right."""

import csv

from planted import run

from loadtests.ceilings import CONTESTS, Contest, Rate, null_server, play, write


def test_both_run_against_a_null_server_and_have_figures():
    contest = Contest(*CONTESTS[0])
    play(contest, users=2, seconds=1)
    assert set(contest.rates) == {"TcpEcho", "bare gevent loop"}
    for [rate] in contest.rates.values():
        # With a core of its own both are about the same; on a busy machine the clock has more seconds.
        assert rate.a_core > 1000
        assert 0 < rate.a_second < rate.a_core * 1.2


def test_every_other_client_does_its_job(tmp_path):
    """One Locust run of each, as users of one process."""
    for protocol, classes in {
        "http": ["FastHttpEcho", "RequestsEcho"],
        "ws": ["WebSocketClientEcho"],
    }.items():
        with null_server(protocol) as address:
            options = ["--headless", "-u", "2", "-t", "1s", "--only-summary", *classes]
            done = run("locust", "-f", "loadtests/rivals.py", *options, RIVAL_ADDRESS=address)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "0(0.00%)" in done.stdout + done.stderr


def test_the_verdict(tmp_path, capsys):
    fast, slow = (Contest("http", "Ours", "HTTPD_ADDRESS", "Theirs", 2.5) for _ in range(2))
    fast.rates = {"Ours": [Rate(300, 1), Rate(100, 2), Rate(260, 9)], "Theirs": [Rate(100, 1)] * 3}
    slow.rates = {"Ours": [Rate(240, 1)], "Theirs": [Rate(100, 1)]}
    assert (fast.median("Ours"), fast.ratio, fast.reached) == (Rate(260, 2), 2.6, True)
    assert not slow.reached
    write([fast, slow], tmp_path)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].endswith("ratio 2.60, wanted 2.5")
    assert printed[1].endswith("ratio 2.40, wanted 2.5: too slow")
    [file] = tmp_path.glob("*-ceilings/ceilings.csv")
    with file.open(newline="") as rows:
        assert len(list(csv.reader(rows))) == 3
