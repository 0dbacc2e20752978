"""The run folder, and the record in it."""

from pathlib import Path

from native.run_dir import ROOT, SOCKET_PATH_LIMIT, RunDir


def test_the_default():
    assert RunDir.from_environment({}).path == ROOT / ".run"
    assert RunDir.from_environment({}).is_default
    assert RunDir.from_environment({"RUN_DIR": ""}).is_default


def test_another_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = RunDir.from_environment({"RUN_DIR": "second"})
    assert folder.path == tmp_path / "second"
    assert not folder.is_default


def test_only_its_owner_may_look_into_it(tmp_path):
    folder = RunDir(tmp_path / "a" / "run")
    folder.create()
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_the_record(tmp_path):
    folder = RunDir(tmp_path / "run")
    assert folder.recorded() == {}
    folder.record(mode="native")
    folder.record(session=1)
    assert folder.recorded() == {"mode": "native", "session": 1}
    folder.forget()
    folder.forget()
    assert folder.recorded() == {}


def test_a_record_that_was_cut(tmp_path):
    folder = RunDir(tmp_path / "run")
    folder.record(mode="native")
    (folder.path / "stack.json").write_text('{"mode": ')
    assert folder.recorded() == {}


def test_a_path_too_long_for_a_socket():
    """Linux takes 107 bytes, and a checkout may well lie deeper."""
    assert RunDir(Path("/srv/run")).supervisor_socket == Path("/srv/run/supervisor.sock")
    deep = [RunDir(Path("/srv") / ("x" * 120) / name) for name in "ab"]
    assert all(len(str(folder.supervisor_socket)) <= SOCKET_PATH_LIMIT for folder in deep)
    assert deep[0].supervisor_socket != deep[1].supervisor_socket
