"""The shared part of the command line."""

import argparse
import importlib.util

import pytest
from serving import options
from serving.limits import Limits


def parse(*arguments: str, environ: dict[str, str] | None = None, limits: Limits | None = None):
    parser = argparse.ArgumentParser("test")
    options.add_options(parser, environ or {}, limits or Limits())
    return parser.parse_args(["--listen", "127.0.0.1:0", *arguments])


def test_the_defaults():
    found = parse()
    assert (found.listen, found.model, found.workers, found.loop) == (
        [("127.0.0.1", 0)], "selector", 1, "asyncio",
    )  # fmt: skip
    assert found.limits == Limits()


def test_limits_come_from_the_service_then_the_environment_then_the_command_line():
    assert parse(limits=Limits(idle=15)).limits.idle == 15
    assert parse(limits=Limits(idle=15), environ={"SERVING_LIMITS": "idle=20,head=5"}).limits.idle == 20
    found = parse("--limits", "idle=30", environ={"SERVING_LIMITS": "idle=20,head=5"})
    assert (found.limits.idle, found.limits.head) == (30, 5)


def test_several_ports_are_listened_on():
    assert parse("--listen", "[::1]:80").listen == [("127.0.0.1", 0), ("::1", 80)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--listen", "9000"], "argument --listen: '9000' is not HOST:PORT"),
        (["--workers", "many"], "argument --workers: 'many' is not a number of processes, 1 or more"),
        (["--limits", "idle=0"], "argument --limits: the limit 'idle' must be more than 0"),
        (["--loop", "tokio"], "argument --loop: no event loop is called 'tokio'"),
    ],
)
def test_what_is_wrong_is_said(arguments, says, capsys):
    with pytest.raises(SystemExit):
        parse(*arguments)
    assert says in capsys.readouterr().err


def test_a_loop_that_is_not_installed_is_said(monkeypatch, capsys):
    monkeypatch.setattr(options, "find_spec", lambda _: None)
    assert importlib.util.find_spec("uvloop")
    with pytest.raises(SystemExit):
        parse("--loop", "uvloop")
    assert "uvloop is not installed; install it with pip, or take --loop asyncio" in capsys.readouterr().err
