"""The installation's key: made once, by whoever comes first."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured
from web import secret_key


def test_is_made_once_and_for_its_owner_only(tmp_path):
    file = tmp_path / "folder" / "key"
    key = secret_key.read_or_create(file)
    assert len(key) >= 50
    assert secret_key.read_or_create(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_all_who_race_get_the_same_key(tmp_path):
    files = [tmp_path / f"key-{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as threads:
        for file in files:
            assert len(set(threads.map(secret_key.read_or_create, [file] * 8))) == 1
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_the_second_of_two_makers_keeps_the_first_ones_key(tmp_path):
    file = tmp_path / "key"
    key = secret_key.read_or_create(file)
    secret_key.create(file)
    assert secret_key.read_or_create(file) == key


def test_an_empty_file_is_refused(tmp_path):
    file = tmp_path / "key"
    file.touch()
    with pytest.raises(ImproperlyConfigured, match=r"is empty: delete it"):
        secret_key.read_or_create(file)


def test_a_folder_that_is_none_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match=r"set SECRET_KEY_FILE to a file"):
        secret_key.read_or_create(tmp_path / "file" / "key")
