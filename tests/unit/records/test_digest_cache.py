"""The cache gives back what was put, for the same bytes and salt, and never stands in the way."""

from __future__ import annotations

import pytest

from evdose.records.digest_cache import DigestCache


def kept(folder, salt=b"salt", content=b"bytes"):
    return DigestCache(folder, salt).get(content)


@pytest.fixture
def folder(tmp_path):
    cache = DigestCache(tmp_path, b"salt")
    cache.put(b"bytes", {"dose": "2×10⁸", "n": 3})
    cache.save()
    return tmp_path


def test_the_same_bytes_give_the_value_back(folder):
    assert kept(folder) == {"dose": "2×10⁸", "n": 3}


def test_other_bytes_or_another_salt_give_nothing(folder):
    assert kept(folder, content=b"bytes ") is None
    assert kept(folder, salt=b"pepper") is None


def test_only_what_was_used_is_kept(folder):
    cache = DigestCache(folder, b"salt")
    cache.put(b"new", {})
    cache.save()
    assert kept(folder) is None
    assert kept(folder, content=b"new") == {}


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "\x00", "[" * 100_000])
def test_a_corrupt_cache_is_made_anew(folder, text):
    (folder / "records.json").write_text(text, encoding="utf-8")
    assert kept(folder) is None
    cache = DigestCache(folder, b"salt")
    cache.put(b"bytes", {"n": 4})
    cache.save()
    assert kept(folder) == {"n": 4}


def test_saving_leaves_one_whole_file(folder):
    assert [path.name for path in folder.iterdir()] == ["records.json"]


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path):
    (tmp_path / "cache").write_text("a file in the way")
    cache = DigestCache(tmp_path / "cache", b"salt")
    cache.put(b"bytes", {})
    cache.save()
    assert cache.get(b"bytes") == {}
