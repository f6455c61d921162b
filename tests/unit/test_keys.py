"""Keys are read from a file or the environment, or refused without repeating one."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pytest

from workflow_pg.errors import BadKeys
from workflow_pg.sdk import Key, KeyFile, KeyRing
from workflow_pg.sdk.keys import VARIABLE, keys_of_environment

SECRET = bytes(range(224, 256))
TEXT = b64encode(SECRET).decode()
SHORT = b64encode(b"a secret").decode()


def test_the_first_key_of_a_file_is_current(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# ours\n\n  new: {TEXT}  \nold:{b64encode(bytes(32)).decode()}\n")
    keys = KeyFile(file)
    assert keys(None) == keys("new") == Key("new", SECRET)
    assert keys("old") == Key("old", bytes(32))
    assert keys("other") is None


def test_a_file_that_is_broken_later_leaves_the_keys_of_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys"
    file.write_text(f"a:{TEXT}\n")
    keys = KeyFile(file)
    assert keys(None) == Key("a", SECRET)
    file.write_text(f"half a line\na:{TEXT}\n")
    assert keys(None) == Key("a", SECRET)
    file.unlink()
    assert keys("a") == Key("a", SECRET)
    malformed, absent = caplog.messages
    assert malformed.endswith("for the secret; the keys of before stay")
    assert "No such file" in absent
    file.write_text(f"another:{TEXT}\n")
    assert keys("a") is None


@pytest.mark.parametrize("between", [",", "\n", " ,\n "])
def test_the_environment_has_keys_like_a_file(
    between: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = urlsafe_b64encode(SECRET).decode()
    assert urls != TEXT
    monkeypatch.setenv(VARIABLE, f"new:{urls}{between}old:{TEXT}")
    keys = keys_of_environment()
    assert keys is not None
    assert keys(None) == Key("new", SECRET)
    assert keys("old") == Key("old", SECRET)


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_without_the_variable_there_are_no_keys(
    text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, text)
    assert keys_of_environment() is None


MALFORMED = {
    "no id": (TEXT, "entry 1 is no key: write ID:SECRET"),
    "an empty id": (f":{TEXT}", "entry 1: the id of a key is 1 to 64 letters"),
    "an id of two words": (f"my key:{TEXT}", "entry 1: the id of a key is"),
    "an id that is too long": (f"{'x' * 65}:{TEXT}", "entry 1: the id of a key is"),
    "a secret for an id": (f"{TEXT}:{TEXT}", "entry 1: the id of a key is"),
    "no base64": ("a:!!!", "entry 1 is no key: write ID:SECRET"),
    "half a letter": (f"a:{TEXT[:-1]}", "entry 1 is no key"),
    "too short": (f"a:{SHORT}", "entry 1: key a has 8 bytes: 32 are needed"),
    "no secret": ("a:", "entry 1 is no key: write ID:SECRET"),
    "an id twice": (f"a:{TEXT}\n\na:{TEXT}", "two keys have the id a"),
    "the second line": (f"a:{TEXT}\n\nb:{SHORT}", "entry 3: key b has 8 bytes"),
    "nothing": ("# no key\n", "there is no key: write ID:SECRET"),
}


@pytest.mark.parametrize(("text", "words"), MALFORMED.values(), ids=MALFORMED)
def test_it_is_refused_in_one_sentence(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    with pytest.raises(BadKeys) as caught:
        KeyFile(file).read()
    sentence = str(caught.value)
    assert sentence.startswith(f"the key file {file} is malformed: ")
    assert words in sentence
    assert "\n" not in sentence
    assert not any(secret in sentence for secret in (TEXT[:-1], SHORT))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadKeys, match="cannot be read: No such file"):
        KeyFile(tmp_path / "none").read()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(BadKeys, match="cannot be read: it is no text"):
        KeyFile(tmp_path / "bytes").read()


def test_the_variable_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"a:{SHORT}")
    with pytest.raises(BadKeys, match="WORKFLOW_PG_KEYS is malformed: entry 1: key a"):
        keys_of_environment()


def test_a_key_does_not_show_its_secret() -> None:
    assert repr(Key("a", b"s" * 32)) == "Key(key_id='a')"


def test_a_ring_of_no_key_is_none() -> None:
    with pytest.raises(BadKeys, match="there is no key"):
        KeyRing()
