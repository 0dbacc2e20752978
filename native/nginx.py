"""nginx's configuration for local processes, by the rule of nginx/README.md."""

import grp
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from native import addresses
from native.problem import Problem
from native.run_dir import ROOT, RunDir
from native.settings import Settings

__all__ = ["check", "command", "render", "stream_module", "variables", "version_report"]

SOURCE = ROOT / "nginx"

#: What a template may name; a dollar without braces is nginx's own.
VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")


def variables(settings: Settings, run_dir: RunDir) -> dict[str, str]:
    """What the templates' ``${NAME}`` are replaced by."""
    return {
        **settings,
        **addresses.variables(settings),
        "NGINX_RUN_DIR": str(run_dir.path / "nginx"),
        "NGINX_HTML": str(SOURCE / "html"),
        "NGINX_USER": worker_user(),
        "NGINX_BIND": bracketed(settings["BIND"]),
        "NGINX_STATUS_BIND": addresses.LOOPBACK,
        "NGINX_RESOLVE": "",
        "NGINX_RESOLVER": "",
        "STATIC_ROOT": str(run_dir.static),
    }


def bracketed(host: str) -> str:
    """An address as nginx's ``listen`` wants it before the port."""
    return f"[{host}]" if ":" in host else host


def worker_user() -> str:
    """Root's nginx would give its workers to ``nobody``, who may not read a checkout below /root."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};"


def fill(template: Path, values: Mapping[str, str]) -> str:
    """The template with its variables replaced; one without a value is an error."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise Problem(f"{template.relative_to(SOURCE)} asks for {match[1]}: set it in .env")
        return values[match[1]]

    return VARIABLE.sub(value, template.read_text(encoding="utf-8"))


def render(settings: Settings, run_dir: RunDir, binary: str) -> Path:
    """Write ``nginx/`` below the run folder; returns the path of its nginx.conf."""
    folder = run_dir.path / "nginx"
    shutil.rmtree(folder, ignore_errors=True)  # nothing old stays, be it a template that was renamed
    rendered, modules = folder / "conf.d", folder / "modules-enabled"
    rendered.mkdir(parents=True)
    modules.mkdir()
    shutil.copy(SOURCE / "nginx.conf", folder)
    shutil.copytree(SOURCE / "snippets", folder / "snippets")
    values = variables(settings, run_dir)
    for template in sorted(SOURCE.glob("*.d/*.template")):
        (rendered / template.stem).write_text(fill(template, values), encoding="utf-8")
    if module := stream_module(version_report(binary)):
        (modules / "stream.conf").write_text(f"load_module {module};\n")
    return folder / "nginx.conf"


def version_report(binary: str) -> str:
    """What ``nginx -V`` says: version and configure arguments."""
    return subprocess.run([binary, "-V"], capture_output=True, text=True, check=False).stderr


def stream_module(report: str) -> Path | None:
    """The file of the stream module to load; None if it is compiled in or, the file being absent, missing."""
    if "--with-stream=dynamic" not in report:
        return None
    folder = re.search(r"--modules-path=(\S+)", report)
    module = Path(folder[1] if folder else "/usr/lib/nginx/modules") / "ngx_stream_module.so"
    return module if module.exists() else None


def command(binary: str, configuration: Path, *extra: str) -> tuple[str, ...]:
    """The command line that starts it, in the foreground as nginx.conf says."""
    return (binary, "-e", "stderr", *extra, "-c", str(configuration))


def check(binary: str, configuration: Path) -> None:
    """Let nginx read its configuration before anything starts."""
    done = subprocess.run(
        command(binary, configuration, "-t", "-q"), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Problem(f"nginx refuses its configuration: {done.stderr.strip()}")
