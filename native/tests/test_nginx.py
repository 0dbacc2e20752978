"""The templates become a configuration that the system's nginx takes."""

import subprocess

import pytest

from native import nginx, packages
from native.problem import Problem
from native.settings import Settings

BINARY = packages.nginx_binary() or "nginx"

STATIC = "configure arguments: --prefix=/etc/nginx --with-stream --with-stream_ssl_module"
DYNAMIC = "configure arguments: --modules-path={} --with-stream=dynamic --with-stream_ssl_module"


def test_the_system_s_nginx_takes_it(free_settings, run_dir):
    run_dir.static.mkdir()
    nginx.check(BINARY, nginx.render(free_settings, run_dir, BINARY))


def test_nothing_is_left_to_fill_in(free_settings, run_dir):
    configuration = nginx.render(free_settings, run_dir, BINARY)
    rendered = list((configuration.parent / "conf.d").iterdir())
    assert rendered
    assert not [path for path in rendered if "${" in path.read_text()]
    assert {path.suffix for path in rendered} == {".conf"}


def test_what_was_rendered_before_is_gone(free_settings, run_dir):
    left = nginx.render(free_settings, run_dir, BINARY).parent / "conf.d" / "old.http.conf"
    left.write_text("nonsense")
    nginx.render(free_settings, run_dir, BINARY)
    assert not left.exists()


def test_a_variable_without_a_value(tmp_path, monkeypatch):
    monkeypatch.setattr(nginx, "SOURCE", tmp_path)
    template = tmp_path / "a.conf.template"
    template.write_text("set $host ${KNOWN}; listen ${UNKNOWN};")
    with pytest.raises(Problem, match=r"a\.conf\.template asks for UNKNOWN: set it in \.env"):
        nginx.fill(template, {"KNOWN": "1"})
    assert nginx.fill(template, {"KNOWN": "1", "UNKNOWN": "2"}) == "set $host 1; listen 2;"


def test_a_configuration_that_nginx_refuses(free_settings, run_dir):
    configuration = nginx.render(free_settings, run_dir, BINARY)
    configuration.write_text("no such directive;")
    with pytest.raises(Problem, match=r"nginx refuses its configuration: .*unknown directive"):
        nginx.check(BINARY, configuration)


def test_bind_on_ipv6(free_settings, run_dir):
    settings = Settings({**free_settings, "BIND": "::1"})
    run_dir.static.mkdir()
    nginx.check(BINARY, nginx.render(settings, run_dir, BINARY))


class TestStreamModule:
    def test_compiled_in(self):
        assert nginx.stream_module(STATIC) is None

    def test_a_file_of_its_own(self, tmp_path):
        (tmp_path / "ngx_stream_module.so").touch()
        assert nginx.stream_module(DYNAMIC.format(tmp_path)) == tmp_path / "ngx_stream_module.so"

    def test_a_file_that_is_missing(self, tmp_path):
        assert nginx.stream_module(DYNAMIC.format(tmp_path)) is None


def test_root_keeps_its_workers(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert nginx.worker_user() == ""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert nginx.worker_user().startswith("user root ")
    assert nginx.worker_user().endswith(";")


def test_the_version_is_read():
    report = subprocess.run([BINARY, "-V"], capture_output=True, text=True, check=True).stderr
    assert packages.version(report) >= (1, 22)
