"""``make abuse``, ``make chaos``, ``make soak``: what the stack withstands, tried for real.

Each runs on services of its own, on ports of their own; what is up is left alone.
"""

import os
from collections.abc import Mapping

from native import venv
from native.run_dir import ROOT

__all__ = ["COMMANDS", "withstand"]

#: What can be set, as in `make chaos FAULT=redis`, and the argument that it becomes. One with an empty name
#: is words of their own; one that ends in =1 is a switch.
COMMANDS: dict[str, dict[str, str]] = {
    "abuse": {
        "SERVICE": "",
        "ATTACK": "--attack",
        "SECONDS": "--seconds",
        "PEERS=1": "--peers",
        "RECORD=1": "--record",
    },
    "chaos": {"FAULT": "", "PEERS=1": "--peers", "RECORD=1": "--record"},
    "soak": {"MINUTES": "--minutes", "RECORD=1": "--record"},
}


def withstand(name: str, environ: Mapping[str, str]) -> None:
    """Become it, so that a Ctrl-C reaches it alone and it can take down what it has started."""
    venv.ensure(venv.DEVELOPMENT)
    if environ.get("PEERS") == "1":
        venv.ensure(venv.PEERS)
        venv.ensure(venv.COMPARISONS)  # for daphne, which gets an environment of its own
    words = ["-m", f"reliability.{name}", *arguments(name, environ)]
    os.chdir(ROOT)
    os.execve(venv.PYTHON, [str(venv.PYTHON), *words], dict(environ))  # noqa: S606  a program of ours


def arguments(name: str, environ: Mapping[str, str]) -> list[str]:
    """The words that the variables become."""
    words: list[str] = []
    for key, option in COMMANDS[name].items():
        variable, switch, wanted = key.partition("=")
        value = environ.get(variable, "")
        if switch:
            words += [option] if value == wanted else []
        elif value:
            words += [option, value] if option else value.split()
    return words
