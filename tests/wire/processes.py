"""The processes behind the stack: killed, stopped and started again by whoever supervises them."""

import configparser
import os
import signal
import subprocess
from typing import Any, Protocol
from xmlrpc.client import ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport
from wire.stack import ROOT, Stack
from wire.wait import wait_for

__all__ = ["Processes", "processes_of"]


class Processes(Protocol):
    """What a test may do to a service.

    `which` tells one incarnation of it from the next, `ended` with which exit status it has, and `orphans`
    whom a killed one has left behind: its children may go on serving, and keep the ports from the next.
    """

    def which(self, service: str) -> str: ...
    def orphans(self) -> list[str]: ...
    def ended(self, service: str) -> int: ...
    def kill(self, service: str) -> None: ...
    def stop(self, service: str) -> None: ...
    def start(self, service: str) -> None: ...
    def restart(self, service: str) -> None: ...
    def reload(self, service: str) -> None: ...


def processes_of(stack: Stack) -> Processes:
    return Supervised(stack) if stack.mode == "native" else Contained()


class Supervised:
    """Local processes: supervisord is asked over the Unix socket that its own configuration names."""

    def __init__(self, stack: Stack) -> None:
        configuration = configparser.RawConfigParser(inline_comment_prefixes=(";",))
        assert configuration.read(stack.run_dir / "supervisord.conf"), (
            f"{stack.run_dir} holds no supervisord.conf: set RUN_DIR to the one that the stack runs in"
        )
        self.killed: list[psutil.Process] = []
        self.socket = f"unix://{configuration['unix_http_server']['file']}"

    def ask(self, method: str, *arguments: str) -> Any:
        # The host is none: SupervisorTransport goes to the socket.
        with ServerProxy("http://localhost", SupervisorTransport(None, None, self.socket)) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def which(self, service: str) -> str:
        return str(self.ask("getProcessInfo", service)["pid"])

    def kill(self, service: str) -> None:
        number = int(self.which(service))
        assert number > 0, f"{service} does not run"  # kill(2) takes 0 for the caller's own process group
        self.killed = psutil.Process(number).children(recursive=True)
        os.kill(number, signal.SIGKILL)

    def orphans(self) -> list[str]:
        return [str(child) for child in self.killed if works(child)]

    def ended(self, service: str) -> int:
        return int(self.ask("getProcessInfo", service)["exitstatus"])

    def stop(self, service: str) -> None:
        self.ask("stopProcess", service)

    def start(self, service: str) -> None:
        self.ask("startProcess", service)

    def restart(self, service: str) -> None:
        self.stop(service)
        self.start(service)

    def reload(self, service: str) -> None:
        self.ask("signalProcess", service, "HUP")


def works(process: psutil.Process) -> bool:
    """Tell a process that is there from one that has ended, whether or not it was reaped."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Contained:
    """Containers of the Compose project that COMPOSE_PROJECT_NAME names, or the folder's own."""

    def which(self, service: str) -> str:
        if not (number := compose("ps", "--quiet", service)):
            return ""
        started = subprocess.run(
            ["docker", "inspect", "--format", "{{.State.StartedAt}}", number],
            capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        return started.stdout.strip()

    def kill(self, service: str) -> None:
        """Kill all but PID 1, which ends with its child. (`docker kill` counts as stopped on purpose.)"""
        compose("exec", "--no-TTY", service, "sh", "-c", "kill -9 -1", check=False)

    def orphans(self) -> list[str]:
        return []  # a container ends as one

    def ended(self, service: str) -> int:
        number = compose("ps", "--all", "--quiet", service)
        template = "{{.State.ExitCode}}"
        words = ["docker", "inspect", "--format", template, number]
        return int(subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout)

    def stop(self, service: str) -> None:
        compose("stop", service)

    def start(self, service: str) -> None:
        compose("start", service)
        wait_for(f"{service} to run", lambda: compose("ps", "--quiet", "--status", "running", service))

    def restart(self, service: str) -> None:
        compose("restart", service)

    def reload(self, service: str) -> None:
        """Tell PID 1, which passes it on. (`docker kill` counts as stopped on purpose, with any signal: if it
        then died by itself, it would not be started again.)"""
        compose("exec", "--no-TTY", service, "sh", "-c", "kill -HUP 1")


def compose(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(
        ["docker", "compose", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout.strip()
