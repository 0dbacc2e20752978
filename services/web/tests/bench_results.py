"""Results as the bench writes them (bench/README.md), for the tests of the pages that show them."""

import copy
import json

REPORT = "<!doctype html><html lang=en><title>A report</title><style>p{color:red}</style><p>The report.</p>"


def figure(median, spread=1.0):
    return {"median": median, "low": median - spread, "high": median + spread, "rounds": [median] * 5}


def latency(middle):
    return {
        "counted": 4000, "mean": middle, "p50": middle, "p90": middle * 2, "p99": middle * 3,
        "p999": middle * 5, "longest": middle * 9, "curve": [[0.5, middle]],
    }  # fmt: skip


def entry(service, number, cost, via="direct", job="echo", **more):
    return {
        "name": f"{service}-{job}", "title": f"{service} {job}", "via": via, "service": service, "job": job,
        "number": number, "adds": "a layer", "stands_on": None,
        "cpu_us": {"service": figure(cost), "server": figure(cost), "generator": figure(9.0)},
        "open": {"rate": 500, "sent": 4000, "ok": 4000, "failed": 0, "missed": 0, "failures": {},
                 "latency": latency(cost * 3), "lateness": latency(3.0)},
        "closed": {"users": 16, "sent": 9000, "ok": 9000, "failed": 0, "failures": {},
                   "throughput": figure(1e6 / cost, 100.0), "latency": latency(cost * 9)},
        "memory": {"service": 1}, "use": {}, "saturated": ["service"], "client_limited": False,
        "counted": {"client": 4000, "server": 4000, "nginx": None}, **more,
    }  # fmt: skip


RESULT = {
    "schema": "layercake-bench/1", "title": "What each layer costs", "suite": "ladder",
    "unit": "request", "question": "What does each one add?",
    "started": "2026-11-20T15:30:00+00:00", "seconds": 231.4, "complete": True, "stopped": "",
    "mode": "native", "quick": False,
    "settings": {"rounds": 5, "rate": 500, "users": 16, "payload": 64, "open_seconds": 1.6,
                 "closed_seconds": 1.0},
    "machine": {"processor": "A processor", "cores": 2, "memory_bytes": 8_000_000_000, "system": "Linux",
                "python": "3.11.7"},
    "versions": {"layercake": "0123abc", "nginx": "1.22.1", "redis": "7.0.15"},
    "stack": {"TCP_MODEL": "selector", "WEB_WORKERS": "1"}, "pinned": True, "road": "127.0.0.1",
    "audit": {"passed": True, "checks": [{"name": "Little's law", "passed": True, "detail": ""}]},
    "ceilings": {"tcp": figure(70000.0)},
    "entries": [
        entry("tcp", 1, 11.5), entry("httpd", 2, 31.25), entry("httpd-wsgi", 3, 52.0), entry("web", 4, 420.5),
        entry("realtime", 5, 210.0),
        entry("tcp", 1, 24.0, via="nginx"), entry("web", 4, 455.0, via="nginx", client_limited=True),
    ],
}  # fmt: skip


def write_run(folder, name, report=REPORT, **changes):
    """Write a run as the bench does; changes go into its result."""
    run = folder / name
    run.mkdir(parents=True)
    (run / "result.json").write_text(json.dumps({**copy.deepcopy(RESULT), **changes}))
    (run / "report.html").write_text(report)
    (run / "summary.csv").write_text("name,via\ntcp-echo,direct\n")
    return run
