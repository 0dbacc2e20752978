"""The folder that a run leaves: whole, or not at all."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

from bench.complaint import Complaint
from bench.report import limit
from bench.report.page import page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["require_room", "write", "write_limit"]

ROOM: Final = 16 * 2**20
"""Bytes that have to be free before a run of minutes begins: several times what it leaves."""

ROLES: Final = ("service", "nginx", "server")

COLUMNS: Final = (
    "name", "via", "cpu_us_service", "cpu_us_nginx", "cpu_us_server", "open_p50_us", "open_p99_us",
    "open_p999_us", "throughput", "saturated", "client_limited", "failed",
)  # fmt: skip


def require_room(results: Path) -> None:
    """See that the folder can be written, and holds what is to come. Raises Complaint."""
    try:
        results.mkdir(parents=True, exist_ok=True)
        probe = results / ".probe"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
        free = shutil.disk_usage(results).free
    except OSError as error:
        raise Complaint(
            f"{results} can't be written ({reason(error)}): make room, or name another folder with RESULTS"
        ) from None
    if free < ROOM:
        raise Complaint(
            f"only {free // 1024} KiB are free where {results} is: "
            "make room, or name another folder with RESULTS"
        )


def reason(error: OSError) -> str:
    """In a few words."""
    return (error.strerror or str(error)).lower()


def write(results: Path, result: dict[str, Any], environ: Mapping[str, str]) -> Path:
    """Write everything into a folder that gets its name at the end. Raises Complaint."""
    stamp = str(result["started"])[:19].replace(":", "").replace("T", "-")
    folder = unused(results / f"{stamp}-{result['suite']}")
    making = folder.with_name(f".{folder.name}.making")
    files = {
        "result.json": text(result),
        "report.html": page(result),
        "summary.csv": summary(result),
        "ran-with.json": text(ran_with(result, environ)),
    }
    try:
        making.mkdir(parents=True)
        for name, content in files.items():
            (making / name).write_text(content, encoding="utf-8")
        making.rename(folder)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        raise Complaint(
            f"{folder} can't be written ({reason(error)}), so nothing is kept: make room, and measure again"
        ) from None
    return folder


def unused(folder: Path) -> Path:
    """That name, or with a number behind it: two runs may begin within a second."""
    names = (folder, *(folder.with_name(f"{folder.name}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not name.exists())


def ran_with(result: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """What has to be the same to get the same."""
    facts = {
        name: result[name] for name in ("settings", "stack", "mode", "road", "pinned", "machine", "versions")
    }
    given = ("SUITE", "QUICK", "ROUNDS", "RATE", "USERS", "PAYLOAD", "RUN_DIR", "MODE")
    return {
        "command": sys.argv,
        "environment": {name: environ[name] for name in given if environ.get(name)},
        **facts,
    }


def summary(result: dict[str, Any]) -> str:
    """A line an entry."""
    sheet = io.StringIO()
    lines = csv.writer(sheet, lineterminator="\n")
    lines.writerow(COLUMNS)
    for entry in result["entries"]:
        cpu, latency = entry["cpu_us"], entry["open"]["latency"]
        lines.writerow([
            entry["name"], entry["via"],
            *(round(cpu[role]["median"], 2) if role in cpu else "" for role in ROLES),
            latency["p50"], latency["p99"], latency["p999"],
            round(entry["closed"]["throughput"]["median"], 1) if "closed" in entry else "",
            " ".join(entry["saturated"]), entry["client_limited"],
            entry["open"]["failed"] + entry.get("closed", {"failed": 0})["failed"],
        ])  # fmt: skip
    return sheet.getvalue()


def write_limit(results: Path, facts: dict[str, Any]) -> Path:
    """What a search for a limit leaves, with a result.json by which it is found. Raises Complaint."""
    stamp = str(facts["started"])[:19].replace(":", "").replace("T", "-")
    folder = unused(results / f"{stamp}-limit-{facts['rung']}")
    try:
        folder.mkdir(parents=True)
        (folder / "limit.json").write_text(text(facts), encoding="utf-8")
        (folder / "report.html").write_text(limit.page(facts), encoding="utf-8")
        (folder / "result.json").write_text(text(limit.result(facts)), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Complaint(f"{folder} can't be written ({reason(error)}): make room, and search again") from None
    return folder / "report.html"


def text(members: Mapping[str, Any]) -> str:
    """As JSON."""
    return json.dumps(members, indent=1, ensure_ascii=False) + "\n"
