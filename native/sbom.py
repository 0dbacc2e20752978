"""``make sbom``: what is in every image, and in which version, as CycloneDX has it; and, with ``AUDIT=1``,
which of it is known to be vulnerable.

In containers the images themselves are asked: for the packages of their Linux distribution, and
for what Python finds installed. Elsewhere there are no images, and the pinned requirements are listed, which
is what they would be built from.
"""

import json
import re
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from native import venv
from native.containers import project
from native.mode import decide
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.stack import settings_of
from native.terminal import say

__all__ = ["Finding", "audit", "components", "document", "findings", "pinned", "sbom"]

#: Whose requirements an image has; httpd has none.
REQUIREMENTS = {
    "tcp": "services/tcp",
    "httpd": "",
    "httpd-wsgi": "",
    "web": "services/web",
    "realtime": "services/realtime",
    "locust": "loadtests",
    "locust-worker": "loadtests",
}

#: Says what an image holds: a line a package, its kind before it. An image without Python says nothing of it.
INVENTORY = r"""
. /etc/os-release; printf 'os %s %s\n' "$ID" "${VERSION_ID:-rolling}"
dpkg-query --show --showformat 'deb ${Package} ${Version} ${Architecture}\n'
! command -v python >/dev/null || python -c '
from importlib.metadata import distributions
for found in distributions(): print("pypi", found.metadata["Name"], found.version, "-")'
"""

Component = dict[str, str]
Finding = tuple[str, str, str]
"""A package and its version, and what is wrong with it: an advisory's name, or why nobody could say."""


def sbom(environ: Mapping[str, str]) -> None:
    """Write a file an image to ``sbom/`` below the run folder, and say where."""
    run_dir = RunDir.from_environment(environ)
    folder = run_dir.path / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    mode = decide(environ)
    images = mode.name == "docker"
    inventories = inspected(run_dir, environ) if images else {name: pinned_of(name) for name in REQUIREMENTS}
    how = "as the images have it" if images else f"the pinned requirements only: {mode.reason}"
    say(f"what is in them, {how}")
    for name, found in inventories.items():
        file = folder / f"{name}.cdx.json"
        file.write_text(json.dumps(document(name, found), indent=1) + "\n", encoding="utf-8")
        say(f"  {name:14} {len(found):4} packages   {file}")
    if environ.get("AUDIT") == "1":
        audit()


# --- what is there -----------------------------------------------------------------------------------------


def inspected(run_dir: RunDir, environ: Mapping[str, str]) -> dict[str, list[Component]]:
    """Ask each image of the stack. Raises Problem for one that is not there yet."""
    name = project(run_dir, settings_of(run_dir.recorded(), environ))
    command = ["docker", "compose", "--project-name", name, "config", "--format", "json"]
    described = json.loads(output(command, environ))
    images = {
        name: service.get("image") or f"{described['name']}-{name}"
        for name, service in described["services"].items()
    }
    return {name: components(ask(name, image)) for name, image in images.items()}


def ask(name: str, image: str) -> str:
    """What the image says of itself, in a container without a network that is gone afterwards."""
    looked = subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False)
    if looked.returncode:
        raise Problem(f"there is no image {image} of {name} yet: `make up` or `docker compose build` first")
    run = ["docker", "run", "--rm", "--network", "none", "--read-only", "--entrypoint", "sh"]
    return output([*run, image, "-c", INVENTORY])


def output(command: list[str], environ: Mapping[str, str] | None = None) -> str:
    """What a command prints, or a Problem with its complaint."""
    done = subprocess.run(
        command, cwd=ROOT, env=None if environ is None else dict(environ), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise Problem(f"`{' '.join(command[:3])}` failed: {done.stderr.strip()}")
    return done.stdout


def components(inventory: str) -> list[Component]:
    """The lines of an inventory as components, each with the name that scanners know it by."""
    found: list[Component] = []
    system = "debian"
    for line in inventory.splitlines():
        kind, name, version, *rest = line.split()
        if kind == "os":
            system = name
            found.append({"type": "operating-system", "name": name, "version": version})
        elif kind == "deb":
            place = f"pkg:deb/{system}/{name}@{version.replace('+', '%2B')}?arch={rest[0]}"
            found.append({"type": "library", "name": name, "version": version, "purl": place})
        else:
            found.append(python_component(name, version))
    return found


def pinned_of(name: str) -> list[Component]:
    """The requirements that the image of a service would have."""
    folder = REQUIREMENTS[name]
    return [python_component(*pin) for pin in pinned(ROOT / folder / "requirements.txt")] if folder else []


def pinned(requirements: Path) -> list[tuple[str, str]]:
    """Names and versions."""
    text = requirements.read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.MULTILINE)


def python_component(name: str, version: str) -> Component:
    plain = re.sub(r"[-_.]+", "-", name).lower()
    return {"type": "library", "name": plain, "version": version, "purl": f"pkg:pypi/{plain}@{version}"}


def document(name: str, found: Iterable[Component]) -> dict[str, Any]:
    """A bill of materials of one image: CycloneDX 1.5."""
    every = {(each.get("purl") or each["name"]): each for each in found}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": {"type": "container", "name": f"layercake-{name}"},
        },
        "components": [every[key] for key in sorted(every)],
    }


# --- what is known of it -----------------------------------------------------------------------------------


def audit() -> None:
    """Ask pip-audit about every file of requirements. Raises Problem for what is vulnerable; what nobody
    could say anything about is told, as it may be.
    """
    venv.ensure(venv.DEVELOPMENT)
    files = sorted(path for path in ROOT.glob("**/requirements*/**/*.txt") if ".venv" not in path.parts)
    files = sorted(
        {*files, *(ROOT / folder / "requirements.txt" for folder in REQUIREMENTS.values() if folder)}
    )
    known: set[Finding] = set()
    unknown: set[Finding] = set()
    for file in files:
        done = subprocess.run(
            [venv.PYTHON, "-m", "uv", "tool", "run", "pip-audit", "--requirement", str(file), "--no-deps",
             "--disable-pip", "--format", "json", "--progress-spinner", "off"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        try:
            vulnerable, skipped = findings(done.stdout)
        except ValueError:
            words = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise Problem(f"pip-audit has no answer about {file.relative_to(ROOT)}: {words}") from None
        known |= vulnerable
        unknown |= skipped
    for name, version, why in sorted(unknown):
        say(f"  nobody knows: {name} {version}: {why}")
    for name, version, advisory in sorted(known):
        say(f"  vulnerable: {name} {version}: {advisory}")
    if known:
        raise Problem(
            f"{len(known)} known vulnerabilities: `make lock` takes newer versions, where there are any"
        )
    say(f"audited {len(files)} files of requirements: nothing known, {len(unknown)} packages not looked up")


def findings(report: str) -> tuple[set[Finding], set[Finding]]:
    """What pip-audit's JSON says: what is vulnerable, and what it couldn't look up. ValueError: no JSON."""
    known: set[Finding] = set()
    unknown: set[Finding] = set()
    for each in json.loads(report)["dependencies"]:
        if why := each.get("skip_reason"):
            version = re.search(r"\(([^()]+)\)$", why)
            unknown.add((each["name"], version[1] if version else "", why.partition(":")[0]))
        for advisory in each.get("vulns", []):
            mended = ", ".join(advisory.get("fix_versions", [])) or "nothing yet"
            known.add((each["name"], each["version"], f"{advisory['id']}, mended by {mended}"))
    return known, unknown
