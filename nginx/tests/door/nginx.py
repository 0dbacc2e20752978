"""nginx as a child process, from our files."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from door.ports import free_ports
from door.rendering import SOURCE, fill
from door.waiting import until

__all__ = ["BINARY", "PORTS", "Door", "values"]

BINARY = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")

PORTS = [
    "HTTP_PORT",
    "TCP_ECHO_PORT",
    "TCP_ACK_PORT",
    "TCP_GREET_PORT",
    "TCP_BYE_PORT",
    "TCP_ROOM_PORT",
    "NGINX_STATUS_PORT",
]


def values(folder, **addresses):
    """A value for every variable of nginx/README.md's table, as native mode has them."""
    nowhere = "127.0.0.1:9"  # the discard port: nobody answers
    names = [
        "WEB",
        "HTTPD",
        "HTTPD_WSGI",
        "REALTIME",
        "LOCUST",
        "TCP_ECHO",
        "TCP_ACK",
        "TCP_GREET",
        "TCP_BYE",
        "TCP_ROOM",
    ]
    return {
        "NGINX_RUN_DIR": str(folder / "run"),
        "NGINX_HTML": str(SOURCE / "html"),
        "NGINX_USER": "user root root;" if os.geteuid() == 0 else "",
        "NGINX_WORKERS": "2",
        "NGINX_BIND": "127.0.0.1",
        "NGINX_STATUS_BIND": "127.0.0.1",
        "NGINX_RESOLVE": "",
        "NGINX_RESOLVER": "",
        "ALLOWED_HOSTS": "localhost,127.0.0.1, [::1],nginx,.example.org",
        "STATIC_ROOT": str(folder / "static"),
        **dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True)),
        **{f"{name}_ADDRESS": addresses.get(name.lower(), nowhere) for name in names},
    }


def stream_module():
    """Where to load the stream module from; None if it is compiled in."""
    report = subprocess.run([BINARY, "-V"], capture_output=True, text=True, check=True).stderr
    if "--with-stream=dynamic" not in report:
        return None
    return Path(re.search(r"--modules-path=(\S+)", report)[1]) / "ngx_stream_module.so"


class Door:
    """A folder of configuration; nginx runs from it between `start` and `stop`."""

    def __init__(self, folder, *, keep_folders=False, **addresses):
        self.values = values(folder, **addresses)
        for name in ("etc", "run", "static"):
            (folder / name).mkdir()
        self.static = folder / "static"
        self.log = folder / "log"
        self.complaints = folder / "complaints"
        self.configuration = fill(folder / "etc", self.values, stream_module(), keep_folders=keep_folders)
        self.process = None

    @property
    def command(self):
        return [BINARY, "-e", "stderr", "-c", str(self.configuration)]

    def port(self, name="HTTP_PORT"):
        return int(self.values[name])

    def check(self):
        """What `nginx -t` says: exit status and words."""
        done = subprocess.run([*self.command, "-t"], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def start(self):
        with self.log.open("ab") as log, self.complaints.open("ab") as complaints:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=complaints)
        pid_file = Path(self.values["NGINX_RUN_DIR"]) / "nginx.pid"
        until(lambda: self.process.poll() is not None or pid_file.exists(), "nginx is up")
        assert self.process.poll() is None, self.complaints.read_text()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(10) == 0

    def every_event(self):
        """The access log so far. Every line of it has to be JSON."""
        return [json.loads(line) for line in self.log.read_text(errors="replace").splitlines()]

    def events(self, **wanted):
        """The events with these values, once there is one."""
        return until(
            lambda: [event for event in self.every_event() if wanted.items() <= event.items()],
            f"an event with {wanted}",
        )
