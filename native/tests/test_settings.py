"""`.env`, the environment over it, and one sentence for each value that breaks its rule."""

import pytest

from native import settings
from native.problem import Problem
from native.run_dir import ROOT

GOOD = (ROOT / ".env").read_text()


@pytest.fixture
def env_file(tmp_path):
    """A copy of .env to spoil."""
    path = tmp_path / ".env"
    path.write_text(GOOD)
    return path


def complaint(environ, *env_file):
    with pytest.raises(Problem) as caught:
        settings.read(environ, *env_file)
    return str(caught.value)


class TestParse:
    def test_comments_quotes_and_spaces(self):
        text = """
            # a comment
            PLAIN=value
            export EXPORTED=1
            SPACED = a b
            COMMENTED=8080 # the usual one
            HASH=a#b
            SINGLE='a # b'
            DOUBLE="c d" # and a comment
            EMPTY=
            ONLY_COMMENT= # nothing
        """
        assert settings.parse(text) == {
            "PLAIN": "value",
            "EXPORTED": "1",
            "SPACED": "a b",
            "COMMENTED": "8080",
            "HASH": "a#b",
            "SINGLE": "a # b",
            "DOUBLE": "c d",
            "EMPTY": "",
            "ONLY_COMMENT": "",
        }

    @pytest.mark.parametrize("line", ["HTTP_PORT 8080", "=8080", "8080=HTTP_PORT", "HTTP-PORT=8080"])
    def test_a_line_that_is_none(self, line):
        with pytest.raises(Problem, match=r"\.env, line 2, is not NAME=value"):
            settings.parse(f"A=1\n{line}\n")


class TestRead:
    def test_every_rule_has_a_value_in_env(self):
        assert set(settings.RULES) - {"COMPOSE_PROJECT_NAME", "MODELS", "SERVERS"} <= set(
            settings.parse(GOOD)
        )

    def test_every_port_in_env_has_a_rule(self):
        ports = {name for name in settings.parse(GOOD) if name.endswith("_PORT")}
        assert ports == set(settings.read({}).ports)

    def test_the_environment_wins(self):
        given = settings.read({"HTTP_PORT": "8090"})
        assert given["HTTP_PORT"] == "8090"
        assert given.number("HTTP_PORT") == 8090
        assert given["WEB_WORKERS"] == settings.parse(GOOD)["WEB_WORKERS"]

    def test_an_empty_variable_counts_as_none(self):
        assert settings.read({"HTTP_PORT": ""})["HTTP_PORT"] == settings.parse(GOOD)["HTTP_PORT"]

    def test_what_has_no_rule_is_kept(self, env_file):
        env_file.write_text(GOOD + "OTHER=thing\n")
        assert settings.read({}, env_file)["OTHER"] == "thing"
        assert settings.read({"OTHER": "wins"}, env_file)["OTHER"] == "wins"

    def test_a_file_that_is_missing(self, tmp_path):
        assert "is missing" in complaint({}, tmp_path / ".env")

    def test_a_file_that_is_no_text(self, env_file):
        env_file.write_bytes(b"HTTP_PORT=\xff\xfe")
        assert "not UTF-8" in complaint({}, env_file)


class TestRules:
    @pytest.mark.parametrize(
        "value", ["80a", "-1", "0", "65536", "8080.0", "٨٠٨٠", "8 080", "0x50", "9" * 5000]
    )
    def test_no_port(self, value):
        words = complaint({"HTTP_PORT": value})
        assert words.startswith("HTTP_PORT=")
        assert words.endswith("set it to a port number from 1 to 65535")
        assert "(in the environment)" in words

    def test_the_file_is_named_where_the_value_stands_in_it(self, env_file):
        env_file.write_text(GOOD.replace("HTTP_PORT=8080", "HTTP_PORT=many"))
        assert "HTTP_PORT=many (in .env)" in complaint({}, env_file)

    def test_a_value_that_is_missing(self, env_file):
        env_file.write_text(GOOD.replace("HTTP_PORT=8080", ""))
        assert complaint({}, env_file) == (
            "HTTP_PORT is not set: give it a port number from 1 to 65535 in .env"
        )

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("TCP_MODEL", "threaded", "one of iterative, threads, prefork, selector, asyncio"),
            ("WEB_WORKERS", "0", "a number of processes from 1 to 64"),
            ("LOCUST_WORKERS", "many", "a number of processes"),
            ("HTTPD_WSGI_THREADS", "-1", "a number of threads from 0"),
            ("WEB_THREADS", "0", "a number of threads from 1"),
            ("BIND", "localhost", "an IP address"),
            ("BIND", "127.0.0.1:80", "an IP address"),
            ("ALLOWED_HOSTS", "a b", "host names"),
            ("ALLOWED_HOSTS", "http://example.org", "host names"),
            ("MODELS", "yes", "one of nothing, 1"),
            ("SERVERS", "2", "one of nothing, 1"),
        ],
    )
    def test_each_kind(self, name, value, words):
        said = complaint({name: value})
        assert said.startswith(f"{name}={value} ")
        assert words in said
        assert "\n" not in said

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("BIND", "0.0.0.0"),
            ("BIND", "::1"),
            ("ALLOWED_HOSTS", "*"),
            ("ALLOWED_HOSTS", ".example.org, [::1],web_1"),
            ("HTTPD_WSGI_THREADS", "0"),
            ("HTTP_PORT", "65535"),
            ("MODELS", "1"),
            ("SERVERS", "1"),
        ],
    )
    def test_what_is_allowed(self, name, value):
        assert settings.read({name: value})[name] == value

    def test_two_ports_that_are_the_same(self):
        said = complaint({"HTTP_PORT": "9000"})
        assert said == "HTTP_PORT and TCP_ECHO_PORT are both 9000: give each a port of its own"

    def test_the_same_written_differently(self):
        assert "are both 9000" in complaint({"HTTP_PORT": "09000"})
