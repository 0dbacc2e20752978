"""The stack as local processes: up, down, status, logs."""

import shutil
import subprocess
import time
from collections.abc import Mapping

from native import (
    addresses,
    control,
    health,
    interrupts,
    logs,
    nginx,
    packages,
    ports,
    redis,
    replacement,
    setup,
    supervisor,
)
from native.problem import Problem, not_healthy
from native.programs import Program, environment, programs
from native.run_dir import ROOT, RunDir
from native.session import Session
from native.settings import RULES, Settings
from native.terminal import Stopwatch, say
from native.venv import PYTHON

__all__ = ["Local"]

#: From the start of the first process to the last one's health; a machine with two cores takes a tenth of it.
HEALTHY_WITHIN = 120.0

#: And then for all of them to be asked a second time.
AGAIN_WITHIN = 15.0

#: Whose health check asks whom in turn: with that one down, it says nothing of its own.
ASKS = {"web": "redis", "realtime": "redis", "nginx": "web", "locust-worker": "locust"}

#: A program that had to be started so often before it was healthy is not going to be.
STARTS = 3


class Local:
    """One stack of local processes; everything about it lies in its run folder."""

    def __init__(self, settings: Settings, run_dir: RunDir, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.run_dir = run_dir
        self.environ = environ

    @property
    def programs(self) -> list[Program]:
        """The table, with this machine's servers in it."""
        return programs(
            self.settings,
            self.run_dir,
            nginx=packages.nginx_binary() or "nginx",
            redis=packages.redis_binary() or "redis-server",
            models=bool(self.settings["MODELS"]),
            servers=bool(self.settings["SERVERS"]),
        )

    @property
    def session(self) -> Session | None:
        """The supervisor's session, if there is anything left of it."""
        session = Session.recorded(self.run_dir)
        return session if session and session.members else None

    @property
    def exists(self) -> bool:
        """Does any process of it live?"""
        return self.session is not None

    # --- up ---------------------------------------------------------------------------------------------

    def up(self) -> None:
        """Bring it up, or say that it is. Raises Problem, with nothing left running, if it can't be."""
        if self.is_up():
            return
        watch = Stopwatch()
        self.require_free_ports()
        setup.for_running()
        try:
            self.start()
            self.wait()
        except BaseException:  # Ctrl-C too, of which a second one must not disturb this
            interrupts.ignored()
            say("stopping what was started")
            self.stop()
            raise
        say(f"up after {watch}\n\n{addresses.table(self.settings)}")

    def is_up(self) -> bool:
        """Is it up and well already? What an earlier one has left behind is stopped on the way."""
        session = self.session
        if session is None:
            return False
        if not session.runs:
            say("an earlier stack has lost its supervisor: stopping the rest of it")
            self.stop()
            return False
        self.require_same_settings()
        sick = health.try_all({program.name: program.probe for program in self.programs})
        if sick:
            words = "; ".join(f"{name}: {reason}" for name, reason in sick.items())
            raise Problem(f"it is up, but not well ({words}): see `make logs`, or `make down` and `make up`")
        say(f"it is up already, and well\n\n{addresses.table(self.settings)}")
        return True

    def require_same_settings(self) -> None:
        """What runs, runs with the settings that it was started with."""
        recorded = self.run_dir.recorded().get("settings", {})
        changed = [
            name
            for name in RULES
            if recorded.get(name) != self.settings[name] and name != "COMPOSE_PROJECT_NAME"  # of containers
        ]
        if changed:
            words = ", ".join(f"{name} was {recorded.get(name) or 'not set'}" for name in changed)
            raise Problem(f"it is up with other settings ({words}): `make down` first, then `make up`")

    def require_free_ports(self) -> None:
        """Every port at once, before anything starts."""
        ports.require_free(listener for program in self.programs for listener in program.listeners)

    def start(self) -> None:
        """Prepare what the programs read, and start the supervisor."""
        shutil.rmtree(self.run_dir.logs, ignore_errors=True)  # what they say from here on is about this start
        self.run_dir.create()
        self.run_dir.record(mode="native", settings=dict(self.settings))
        surroundings = environment(self.settings, self.run_dir, self.environ)
        self.prepare(surroundings)
        self.require_free_ports()  # again: setting up may have taken minutes
        supervisor.start(supervisor.render(self.programs, self.run_dir), surroundings, self.run_dir)

    def prepare(self, surroundings: Mapping[str, str]) -> None:
        """Write the configurations, have nginx read its own, and put the site's static files in place."""
        binary = packages.nginx_binary() or "nginx"
        nginx.check(binary, nginx.render(self.settings, self.run_dir, binary))
        redis.render(self.settings, self.run_dir)
        done = subprocess.run(
            [PYTHON, "-m", "web", "collectstatic", "--noinput", "--verbosity", "0"],
            cwd=ROOT, env=dict(surroundings), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Problem(f"the site's static files could not be collected: {done.stderr.strip()}")

    def wait(self) -> None:
        """Wait until all are healthy, giving up early on one that keeps dying, or that hangs."""
        watch = Stopwatch()
        probes = {program.name: program.probe for program in self.programs}
        patience = {program.name: program.silent_for for program in self.programs}
        starts: dict[str, set[int]] = {}
        silent: dict[str, float] = {}
        pending: Mapping[str, str] = {}
        for name, pending in health.wait(probes, HEALTHY_WITHIN):
            if name:
                say(f"  {name:14} healthy after {watch}")
            elif hopeless := self.dying(starts, pending) or hanging(silent, pending, patience):
                raise self.failure(hopeless)
        if not pending:
            # All of them once more: the first may be gone again by now.
            for _, pending in health.wait(probes, AGAIN_WITHIN):  # noqa: B007
                pass
        if pending:
            raise self.failure(pending)

    def dying(self, starts: dict[str, set[int]], pending: Mapping[str, str]) -> dict[str, str]:
        """Those that have been started again and again; all of them if the supervisor itself has gone."""
        session = Session.recorded(self.run_dir)
        if session is None or session.is_over():
            return {"supervisord": "it has ended"}
        for state in control.states(self.run_dir).values():
            if state.state in ("BACKOFF", "FATAL", "EXITED"):
                starts.setdefault(state.name, set()).add(state.started)
        return {
            name: f"it keeps ending ({pending.get(name, 'unhealthy')})"
            for name, times in starts.items()
            if len(times) >= STARTS
        }

    def failure(self, reasons: Mapping[str, str]) -> Problem:
        """What went wrong, with the last lines logged by those whom nobody else keeps from their work."""
        lines = []
        causes = {name: reason for name, reason in reasons.items() if ASKS.get(name) not in reasons}
        for name, reason in causes.items():
            said = logs.last(self.run_dir, name)
            where = f"its last lines in {self.run_dir.logs}:" if said else "it has logged nothing"
            lines += [f"--- {name}: {reason}; {where}", *said]
        return Problem("\n".join([*lines, not_healthy(*causes)]))

    # --- down, status, logs ------------------------------------------------------------------------------

    def down(self, *, data: bool = False) -> None:
        """Stop everything, whatever state it is in."""
        watch = Stopwatch()
        say(f"down after {watch}" if self.stop() else "nothing was up")
        if data:
            shutil.rmtree(self.run_dir.path / "redis", ignore_errors=True)
            self.run_dir.secret_key.unlink(missing_ok=True)

    def stop(self) -> bool:
        """Stop every process of the recorded session; False if there was none."""
        session = self.session
        if session:
            session.stop(self.run_dir)
            if still := session.members:
                raise Problem(f"these processes can't be stopped: {still}; their owner or root can")
        self.run_dir.supervisor_socket.unlink(missing_ok=True)
        self.run_dir.forget()
        return session is not None

    def status(self) -> bool:
        """Print a line a process; True if all are well."""
        session = self.session
        if session is None or not session.runs:
            left = (
                f"; its supervisor has died, and `make down` stops {len(session.members)} processes"
                if session
                else ""
            )
            say(f"not up{left}")
            return False
        known = control.states(self.run_dir)
        sick = health.try_all({program.name: program.probe for program in self.programs})
        for program in self.programs:
            for name in program.process_names:
                state, words = (known[name].state, known[name].words) if name in known else ("UNKNOWN", "")
                say(f"  {name:16} {state.lower():9} {words:28} {sick.get(program.name, 'healthy')}")
        say(f"\n{addresses.table(self.settings)}")
        return not sick

    def reload(self, service: str = "") -> None:
        """Replace what serves, one after the other, so that no request fails."""
        there = {program.name: program for program in self.programs if program.announces}
        if service and service not in there:
            raise Problem(f"SERVICE={service} can't be replaced while it serves: choose {', '.join(there)}")
        for program in [there[service]] if service else there.values():
            watch = Stopwatch()
            replacement.replace(program, self.run_dir)
            say(f"  {program.name:14} replaced after {watch}")

    def logs(self, *, follow: bool, service: str = "") -> None:
        """Print what the programs have logged, and go on as they log."""
        logs.show(self.run_dir, follow=follow, service=service)

    def keep_logs(self) -> None:
        """Do nothing: they are there from the start."""


def hanging(
    silent: dict[str, float], pending: Mapping[str, str], patience: Mapping[str, float]
) -> dict[str, str]:
    """Those that have answered nothing for longer than they may; ``silent`` keeps since when each has not."""
    now = time.monotonic()
    still = {name: silent.get(name, now) for name, words in pending.items() if health.is_silence(words)}
    silent.clear()
    silent.update(still)
    return {
        name: f"it accepts connections, and has answered none for {now - since:.0f} s"
        for name, since in still.items()
        if now - since >= patience[name]
    }
