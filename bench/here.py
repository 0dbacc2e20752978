"""The stack that is up, found as `make up` has left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import engine, local
from bench.complaint import Complaint
from comparisons.boxes import Boxes
from comparisons.processes import Processes
from native import addresses
from native.containers import Containers, project
from native.mode import decide
from native.problem import Problem
from native.run_dir import RunDir
from native.stack import running, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.site import Site
    from comparisons.place import Place
    from native.settings import Settings

__all__ = ["find", "place", "stack_for"]


def find(environ: Mapping[str, str]) -> Site:
    """The site, in whichever way it runs. Raises Complaint when nothing is up, or not all of it."""
    run_dir = RunDir.from_environment(environ)
    try:
        there = running(run_dir, environ)
    except Problem as problem:
        raise Complaint(str(problem)) from None
    if there is None:
        raise Complaint("the stack is not up: `make up` starts it")
    _, stack = there
    settings = settings_of(run_dir.recorded(), environ)
    variables = variables_of(settings)
    if isinstance(stack, Containers):
        names = {
            str(each["Service"]): str(each["Name"]) for each in stack.containers if each["State"] == "running"
        }
        return engine.site(names, settings, variables)
    return local.site(run_dir, settings, variables)


def variables_of(settings: Settings) -> dict[str, str]:
    """Where its services answer."""
    try:
        return addresses.variables(settings)
    except KeyError as error:
        raise Complaint(
            f"the stack was started by another version, without {error}: `make down` and `make up`"
        ) from None


def stack_for(environ: Mapping[str, str]) -> Site | None:
    """The stack, for a comparison that can use one; None when nothing is up."""
    if running(RunDir.from_environment(environ), environ) is None:
        return None
    return find(environ)


def place(environ: Mapping[str, str]) -> Place:
    """Where a comparison's candidates run: in the same way as the stack that is up, else as MODE says."""
    run_dir = RunDir.from_environment(environ)
    try:
        there = running(run_dir, environ)
        mode = there[0] if there else decide(environ).name
    except Problem as problem:
        raise Complaint(str(problem)) from None
    folder = run_dir.path / "comparisons"
    if mode == "docker":
        name = project(run_dir, settings_of(run_dir.recorded(), environ))
        return Boxes(folder, name, redis=there is not None)
    redis = {}
    if there is not None:
        known = variables_of(settings_of(run_dir.recorded(), environ))
        redis = {"REDIS_URL": known["REDIS_URL"], "REDIS_PASSWORD_FILE": str(run_dir.redis_password)}
    return Processes(folder, environ, redis)
