"""`python -m loadtests.run`, as `make load` calls it."""

import csv
import socket

import pytest
from planted import run


def load(results, *arguments, **addresses):
    done = run(
        "loadtests.run",
        "--via",
        "direct",
        "--seconds",
        "1",
        "--results",
        str(results),
        *arguments,
        **addresses,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_figures_and_files(tmp_path, peers):
    tcp, http = peers("TcpEcho"), peers("HttpdHello")
    done = load(tmp_path, "HttpdHello", "TcpEcho", TCP_ECHO_ADDRESS=tcp.address, HTTPD_ADDRESS=http.address)
    assert done.returncode == 0, done.stderr
    [folder] = tmp_path.iterdir()
    assert done.stdout.endswith(f"CSV and HTML: {folder}\n")
    with (folder / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rung"] for row in rows] == ["1 tcp echo (direct)", "2 httpd hello (direct)"]
    for row, server in zip(rows, (tcp, http), strict=True):
        assert (
            int(row["requests"]) == server.counts()["requests"] - 1
        )  # one to see whether it is right at all
        assert (
            10
            <= float(row["median"])
            <= float(row["p90"])
            <= float(row["p99"])
            <= float(row["longest"]) * 1.1
        )
        assert row["rung"] in done.stdout
    for user_class in ("TcpEcho", "HttpdHello"):
        assert "<html" in (folder / f"{user_class}.html").read_text()
        assert "Request Count" in (folder / f"{user_class}_stats.csv").read_text()


def test_failures_are_the_exit_status(tmp_path, peers):
    server = peers("TcpEcho", "corrupt", 10)
    done = load(tmp_path, "TcpEcho", TCP_ECHO_ADDRESS=server.address)
    assert done.returncode == 1
    [folder] = tmp_path.iterdir()
    with (folder / "summary.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert int(row["failures"]) == server.counts()["planted"] > 0


def test_a_stack_that_is_down(tmp_path, peers):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    tcp = peers("TcpEcho")
    done = load(tmp_path, "TcpEcho", "HttpdHello", TCP_ECHO_ADDRESS=tcp.address, HTTPD_ADDRESS=address)
    assert done.returncode == 2
    assert f"httpd does not do its job at {address} (direct): no connection" in done.stderr
    assert "`make up`" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_rung_that_answers_wrongly_is_not_timed(tmp_path, peers):
    server = peers("HttpdHello", "corrupt", 1)
    done = load(tmp_path, "HttpdHello", HTTPD_ADDRESS=server.address)
    assert done.returncode == 2
    assert "the content is not what it should be" in done.stderr
    assert server.counts()["requests"] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["TcpEcko"], "There is no user class TcpEcko; there are TcpEcho, HttpdHello"),
        (["--payload", "0"], "Payload is '0'"),
        (["--users", "0"], "0 is less than 1"),
        (["--users", "many"], "invalid positive value: 'many'"),
    ],
)
def test_bad_input_is_a_sentence(arguments, sentence, tmp_path):
    done = load(tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_results_that_cannot_be_written(tmp_path, peers):
    (tmp_path / "results").write_text("a file where a folder should be")
    done = load(tmp_path / "results", "TcpEcho", TCP_ECHO_ADDRESS=peers("TcpEcho").address)
    assert done.returncode == 2
    assert "The results can't be written" in done.stderr
