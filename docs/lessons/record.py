"""Runs the lessons' programs, and writes down what they do: ``.venv/bin/python docs/lessons/record.py``.

A capture that is still true is left alone; with ``--check`` nothing is written, and one that is not true is
an error.
"""

import argparse
import difflib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).resolve().parent))

from stage import Stage

__all__ = ["LESSONS", "main", "perform"]

HERE = Path(__file__).resolve().parent
LESSONS = sorted(path.parent for path in HERE.glob("[0-9][0-9]-*/scene.py"))


def main(arguments: list[str] | None = None) -> int:
    """Run, compare, write; the exit status is 1 where a capture is not true."""
    names = {folder.name.partition("-")[2]: folder for folder in LESSONS}
    parser = argparse.ArgumentParser(description="Run the lessons' programs, and write down what they do.")
    parser.add_argument("lesson", nargs="*", choices=[[], *names], help="only these (default: all)")
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args(arguments)
    status = 0
    for name in options.lesson or names:
        capture = names[name] / "capture.txt"
        before, now = capture.read_text("utf-8") if capture.exists() else "", perform(names[name])
        if before == now:
            print(f"{name}: as captured")
            continue
        print(f"{name}: not as captured")
        sys.stdout.writelines(
            difflib.unified_diff(before.splitlines(True), now.splitlines(True), "before", "now")
        )
        status = 1
        if not options.check:
            capture.write_text(now, "utf-8")
    return status if options.check else 0


def perform(folder: Path) -> str:
    """Run a lesson's scene; return the transcript."""
    with Stage(folder) as stage:
        scene_of(folder)(stage)
        return stage.capture


def scene_of(folder: Path) -> Callable[[Stage], None]:
    """The function ``scene`` of a folder whose name is no module's."""
    spec = importlib.util.spec_from_file_location(f"scene_{folder.name[:2]}", folder / "scene.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("Callable[[Stage], None]", module.scene)


if __name__ == "__main__":
    sys.exit(main())
