"""Who may import whom: the directions that keep each layer understandable without the ones above it."""

import ast
import os
import subprocess
import sys

import pytest
from wire.stack import ROOT

#: Our packages, and what of ours each may import. A package may always import itself.
ALLOWED = {
    "serving": set(),
    "rooms": set(),
    "tcp": {"serving", "rooms"},
    "httpd": {"serving"},
    "web": {"rooms", "tcp", "httpd"},
    "realtime": {"rooms"},
    "loadtests": {"tcp", "httpd", "realtime"},
}
STANDARD_LIBRARY_ONLY = {"serving", "httpd"}
#: Modules for readers who have more: nobody else imports them, or only when told to.
FOR_THOSE_WHO_HAVE_IT = {
    ("services/serving/serving/asyncio.py", "uvloop"),
    ("services/httpd/httpd/gunicorn.py", "gunicorn.workers.base"),
}
#: Imports a package's every module but those for readers who have more.
IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
    if module.name != "httpd.gunicorn":
        importlib.import_module(module.name)
"""
#: Who takes only the sans-I/O modules of whom: those that move bytes, and hold nothing that moves them.
SANS_IO_ONLY = [("web", "httpd"), *(("loadtests", package) for package in ALLOWED["loadtests"])]
#: What a sans-I/O module, and whatever of ours it imports, has no business with.
IO = {
    "asyncio",
    "http",
    "multiprocessing",
    "os",
    "selectors",
    "serving",
    "signal",
    "socket",
    "ssl",
    "threading",
}


def sources(package):
    folder = ROOT / "loadtests" if package == "loadtests" else ROOT / "services" / package / package
    found = [path for path in sorted(folder.rglob("*.py")) if "tests" not in path.relative_to(folder).parts]
    assert found, f"{folder.relative_to(ROOT)} has no Python files"
    return found


def imports(path):
    """Yield each absolute module name that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(), path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def imports_of(package):
    return {
        (str(path.relative_to(ROOT)), name)
        for path in sources(package)
        for name in imports(path)
        if name.partition(".")[0] != package
    }


def reachable(name, seen=None):
    """Yield every module that importing one of ours imports, as far as ours go."""
    seen = set() if seen is None else seen
    package, *rest = name.split(".")
    # `from httpd.grammar import Token` names a module; `from httpd import Token` the package's own file.
    path = (ROOT / "services" / package / package).joinpath(*rest)
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.exists() and file not in seen:
            seen.add(file)
            for imported in imports(file):
                yield imported
                yield from reachable(imported, seen) if imported.partition(".")[0] in ALLOWED else ()


@pytest.mark.parametrize("package", ALLOWED)
def test_only_the_layers_beneath(package):
    wrong = {
        (path, name)
        for path, name in imports_of(package)
        if name.partition(".")[0] in ALLOWED.keys() - ALLOWED[package]
    }
    assert not wrong


@pytest.mark.parametrize("package", STANDARD_LIBRARY_ONLY)
def test_nothing_but_the_standard_library(package):
    # _typeshed is there for type checkers only: at run time it can't be imported by anybody.
    known = sys.stdlib_module_names | ALLOWED.keys() | {"_typeshed"}
    wrong = {(path, name) for path, name in imports_of(package) if name.partition(".")[0] not in known}
    assert wrong <= FOR_THOSE_WHO_HAVE_IT


@pytest.mark.parametrize("package", STANDARD_LIBRARY_ONLY)
def test_it_runs_where_nothing_is_installed(package):
    """Without the folder of installed packages (-S), and with nothing of ours but the layers beneath."""
    folders = [str(ROOT / "services" / name) for name in [package, *ALLOWED[package]]]
    run = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", IMPORT_EVERYTHING, package],
        env={"PYTHONPATH": os.pathsep.join(folders)}, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(("package", "other"), SANS_IO_ONLY)
def test_only_what_does_no_io(package, other):
    taken = {name for _, name in imports_of(package) if name.partition(".")[0] == other}
    wrong = {(name, io) for name in taken for io in reachable(name) if io.partition(".")[0] in IO}
    assert not wrong


def test_every_package_is_held_to_it():
    services = {
        folder.name for folder in (ROOT / "services").iterdir() if (folder / "pyproject.toml").exists()
    }
    assert services | {"loadtests"} == ALLOWED.keys()
