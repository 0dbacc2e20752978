"""Values of the environment: what is taken, and which sentence says what to set."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from web.environment import Address, Environment


def test_an_empty_variable_counts_as_not_set():
    assert Environment({"A": " "}).text("A", "default") == "default"


def test_words_are_separated_by_commas():
    assert Environment({"A": " a, b ,,c"}).words("A", "") == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["0", "65536", "-1", "four", "1.5", "٤", "1 000"])
def test_a_number_out_of_range_or_none_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=r"PORT is .*: set it to a whole number from 1 to 65535\."):
        Environment({"PORT": text}).number("PORT", 80, least=1, most=65535)


def test_a_number_is_taken():
    assert Environment({"PORT": " 8002 "}).number("PORT", 80, least=1, most=65535) == 8002


@pytest.mark.parametrize(
    ("text", "address"), [("web:8002", Address("web", 8002)), ("[::1]:80", Address("::1", 80))]
)
def test_an_address_is_taken_apart_and_put_together(text, address):
    assert Environment({"A": text}).address("A", "") == address
    assert str(address) == text


@pytest.mark.parametrize("text", ["web", ":80", "web:", "web:eighty", "web:99999", "web:80/x", "::1:80:x"])
def test_an_address_that_is_none_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=r"A is .*: set it to host:port, such as 127\.0\.0\.1:1\."):
        Environment({"A": text}).address("A", "127.0.0.1:1")
