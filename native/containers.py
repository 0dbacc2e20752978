"""The stack in containers, by Docker Compose: up, down, status, logs."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from native import addresses, interrupts, ports
from native.problem import Problem, not_healthy
from native.rollout import Rollout
from native.run_dir import ROOT, RunDir
from native.settings import Settings
from native.terminal import Stopwatch, say

__all__ = ["Containers", "project"]

#: Where Compose publishes a port that names no address.
EVERYWHERE = "0.0.0.0"  # noqa: S104

#: The commands that are about what is to be started: a profile only where its variable is 1.
STARTING = ("build", "config", "up")
PROFILES = {"models": "MODELS", "servers": "SERVERS"}

#: Who can be replaced while it serves: nginx asks the next one when one does not answer.
REPLACEABLE = ("tcp", "httpd", "httpd-wsgi", "web", "realtime")

#: From the start of the first container to the last one's health, the building of images not counted.
HEALTHY_WITHIN = 180


def project(run_dir: RunDir, settings: Mapping[str, str] | None = None) -> str:
    """What Compose calls this stack: as the settings say, or else by its run folder."""
    if settings and (name := settings.get("COMPOSE_PROJECT_NAME")):
        return name
    return "layercake" if run_dir.is_default else f"layercake-{run_dir.short_hash}"


def home(container: Mapping[str, Any]) -> Path:
    """The checkout that a container was started from: Compose notes it down in a label.

    One that is there no longer has been moved here, or nobody else cares for its containers.
    """
    labels = dict(label.partition("=")[::2] for label in str(container["Labels"]).split(","))
    folder = Path(labels.get("com.docker.compose.project.working_dir", ROOT)).resolve()
    return folder if folder.exists() else ROOT


def output(*words: str) -> list[str]:
    """The lines that docker prints, wherever it prints them."""
    done = subprocess.run(
        ["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.stdout.splitlines()


def last_check(name: str) -> str:
    """The last words of a container's health check."""
    template = "{{range .State.Health.Log}}{{println .Output}}{{end}}"
    said = [line for line in output("inspect", "--format", template, name) if line.strip()]
    return said[-1].strip() if said else "its health check says nothing"


class Containers:
    """One stack of containers."""

    def __init__(self, settings: Settings, run_dir: RunDir, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.run_dir = run_dir
        self.project = project(run_dir, settings)
        # The environment wins over .env, for Compose too; so it gets what we have read and checked.
        self.environ = {**environ, **settings}
        if ":" in self.environ.get("BIND", ""):
            self.environ["BIND"] = f"[{self.environ['BIND']}]"  # as Compose wants it before a port

    def compose(self, *words: str) -> list[str]:
        """A command line of Compose; what stops or asks, does so in every profile."""
        wanted = [name for name, variable in PROFILES.items() if self.environ.get(variable) == "1"]
        profiles = wanted if words[0] in STARTING else ["*"]
        return [
            "docker", "compose", "--project-name", self.project,
            *(word for profile in profiles for word in ("--profile", profile)), *words,
        ]  # fmt: skip

    def run(self, *words: str, **variables: str) -> int:
        """Run Compose with its output on the terminal; returns its exit status."""
        environ = {**self.environ, **variables}
        return subprocess.run(self.compose(*words), cwd=ROOT, env=environ, check=False).returncode

    def ask(self, *words: str) -> str:
        """What Compose prints, or a Problem with its complaint."""
        done = subprocess.run(
            self.compose(*words), cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Problem(f"docker compose {words[0]} failed: {done.stderr.strip()}")
        return done.stdout

    @property
    def known(self) -> list[dict[str, Any]]:
        """What Compose knows of each container of this project, running or not."""
        text = self.ask("ps", "--all", "--format", "json").strip()
        if text.startswith("["):  # Compose before 2.21 prints one array, later ones a line a container
            found: list[dict[str, Any]] = json.loads(text)
            return found
        return [json.loads(line) for line in text.splitlines()]

    @property
    def containers(self) -> list[dict[str, Any]]:
        """Those that were started from this checkout. Another one has a project of the same name."""
        return [container for container in self.known if home(container) == ROOT]

    def require_own(self) -> None:
        """Keep away from another checkout's containers: Compose would take them for its own."""
        others = {home(container) for container in self.known} - {ROOT}
        if others:
            raise Problem(
                f"{self.project}'s containers belong to {others.pop()}: `make down` there first, or give "
                "this stack ports of its own and, with COMPOSE_PROJECT_NAME, a name of its own"
            )

    def require_same_name(self) -> None:
        """One stack a run folder: under another name the one that is up would be lost sight of."""
        recorded = self.run_dir.recorded()
        if recorded.get("mode") == "docker":
            was = Containers(Settings(recorded["settings"]), self.run_dir, self.environ)
            if was.project != self.project and was.exists:
                raise Problem(
                    f"it is up as {was.project}: `make down` first, or bring {self.project} up with ports of "
                    "its own and, with RUN_DIR, a folder of its own"
                )

    @property
    def exists(self) -> bool:
        """Is there any container of it, from this checkout?"""
        return bool(self.containers)

    @property
    def sick(self) -> dict[str, str]:
        """The containers that don't run or are not healthy, and why."""
        return {
            container["Name"]: container["Health"] or container["Status"]
            for container in self.containers
            if container["State"] != "running" or container["Health"] not in ("", "healthy")
        }

    # --- up ---------------------------------------------------------------------------------------------

    def up(self) -> None:
        """Build, start, wait for every health check. Raises Problem, with nothing left, if it fails."""
        watch = Stopwatch()
        self.require_same_name()
        self.require_own()
        self.require_free_ports()
        self.run_dir.create()
        self.run_dir.record(mode="docker", settings=dict(self.settings))
        try:
            self.start()
        except BaseException:  # Ctrl-C too, of which a second one must not disturb this
            interrupts.ignored()
            say("stopping what was started")
            self.stop()
            raise
        say(f"up after {watch}\n\n{addresses.table(self.settings)}")

    def start(self) -> None:
        """Let Compose build and start everything, and wait."""
        if self.run("build"):
            raise Problem("an image could not be built: the reason should stand above")
        workers = f"locust-worker={self.settings['LOCUST_WORKERS']}"
        wait = ("--detach", "--wait", "--wait-timeout", str(HEALTHY_WITHIN), "--remove-orphans")
        if self.run("up", *wait, "--scale", workers):
            raise self.failure()

    def require_free_ports(self) -> None:
        """Every port that Compose is about to publish and that is not ours already."""
        ours = {
            publisher["PublishedPort"]
            for container in self.containers
            for publisher in container["Publishers"] or ()
        }
        ports.require_free(listener for listener in self.listeners() if listener.port not in ours)

    def listeners(self) -> list[ports.Listener]:
        """What Compose publishes, with the variables that set it."""
        names = {number: name for name, number in self.settings.ports.items()}
        configuration = json.loads(self.ask("config", "--format", "json"))
        return [
            ports.Listener(
                names.get(int(entry["published"]), "its port"),
                entry.get("host_ip", EVERYWHERE),
                int(entry["published"]),
            )
            for service in configuration["services"].values()
            for entry in service.get("ports", ())
            if entry.get("published")
        ]

    def failure(self) -> Problem:
        """What went wrong, with the last lines that those concerned have logged."""
        lines, names = [], []
        sick = self.sick
        # One that was never started only waits for the others.
        culprits = [each for each in self.containers if each["Name"] in sick and each["State"] != "created"]
        for container in culprits:
            name, reason = container["Name"], sick[container["Name"]]
            if reason == "unhealthy":
                reason += f" ({last_check(name)})"
            names.append(container["Service"])
            said = output("logs", "--tail", "20", name)
            where = "its last lines:" if said else "it has logged nothing"
            lines += [f"--- {container['Service']}: {reason}; {where}", *said]
        return Problem(
            "\n".join([*lines, not_healthy(*dict.fromkeys(names) or ["docker compose up failed"])])
        )

    # --- down, status, logs ------------------------------------------------------------------------------

    def down(self, *, data: bool = False) -> None:
        """Stop and remove every container and network; the volumes only with ``data``."""
        watch = Stopwatch()
        say(f"down after {watch}" if self.stop(*(["--volumes"] if data else [])) else "nothing was up")

    def stop(self, *also: str) -> bool:
        """Take it all down; False if there was nothing."""
        self.require_own()
        there = self.exists
        if self.run("down", "--remove-orphans", *also):
            raise Problem("docker compose down failed: its words stand above")
        self.run_dir.forget()
        return there

    def status(self) -> bool:
        """Print a line a container; True if all are well."""
        containers = self.containers
        if not containers:
            say("not up")
            return False
        prefix = self.project + "-"
        for name, container in sorted((each["Name"].removeprefix(prefix), each) for each in containers):
            say(f"  {name:18} {container['State']:9} {container['Status']}")
        say(f"\n{addresses.table(self.settings)}")
        return not self.sick

    def reload(self, service: str = "") -> None:
        """Build what has changed, and replace what serves, one after the other, so that no request fails."""
        if service and service not in REPLACEABLE:
            raise Problem(
                f"SERVICE={service} can't be replaced while it serves: choose {', '.join(REPLACEABLE)}"
            )
        self.require_own()
        names = [service] if service else list(REPLACEABLE)
        if self.run("build", *names):
            raise Problem("an image could not be built, nothing was replaced: the reason should stand above")
        for name in names:
            watch = Stopwatch()
            Rollout(self, name).replace()
            say(f"  {name:14} replaced after {watch}")

    def logs(self, *, follow: bool, service: str = "") -> None:
        """What the containers have logged, and go on as they log."""
        if service and service not in {container["Service"] for container in self.containers}:
            raise Problem(f"there are no logs of {service}: `make status` names all that runs")
        words = ["logs", "--tail", "20", *(["--follow"] if follow else []), *([service] if service else [])]
        if self.run(*words):
            raise Problem("docker compose logs failed: its words stand above")

    def keep_logs(self) -> None:
        """Write them into the run folder: they go with the containers."""
        self.run_dir.create()
        (self.run_dir.logs / "containers.log").write_text(self.ask("logs", "--no-color", "--timestamps"))

    def remove(self) -> None:
        """Take it down, with its volumes and the images that were built for it and for comparisons."""
        self.stop("--volumes", "--rmi", "local")
        self.remove_comparisons()

    def remove_comparisons(self) -> None:
        """Comparisons are a project of their own (comparisons/boxes.py), whose images Compose labels with it.

        A run that was killed may have left containers, which go first. Other images are none of ours.
        """
        file = self.run_dir.path / "comparisons" / "compose.json"
        if file.exists():
            say("removing what is left of the comparisons")
            command = ["docker", "compose", "--file", str(file), "--profile", "*", "down", "--timeout", "1"]
            subprocess.run([*command, "--remove-orphans"], env=self.environ, check=False)
        label = f"label=com.docker.compose.project={self.project}-comparisons"
        images = list(dict.fromkeys(self.docker("image", "ls", "--quiet", "--filter", label).split()))
        if images:
            self.docker("image", "rm", "--force", *images)  # also one that has two names

    def docker(self, *words: str) -> str:
        """What docker prints, or a Problem with its complaint."""
        done = subprocess.run(
            ["docker", *words], env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Problem(f"docker {' '.join(words[:2])} failed: {done.stderr.strip()}")
        return done.stdout
