"""Vault archives as tests need them: made, locked, looked into and brought back, with no worker."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from sync.archives import archiving, exports, restores
from sync.archives.archive_types import Archive
from tests.exports import upload
from tests.people import Person, opened_anew
from vault.access import open_session
from vault.archive import lines, locks
from vault.archive.locks import Lock
from vault.archive.writing import Pack
from vault.crypto import age

PASSPHRASE = "seven unlikely otters juggle"


@contextmanager
def quick_locks() -> Iterator[None]:
    """Passphrases that take a millisecond; what is made so opens as any archive does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(age, "new_header", partial(age.new_header, work=4))
        yield


def export(person: Person, **options: bool) -> bytes:
    """The archive's bytes, as a browser would save them."""
    made = exports.begin(
        person.access,
        person.owner_key,
        passphrase=PASSPHRASE,
        again=PASSPHRASE,
        start=archiving.run,
        **options,
    )
    assert made.state == "done", made
    file, _ = exports.open_file(person.access, made.id)
    with file:
        return file.read()


def restore(person: Person, archive: bytes, **options: bool) -> Archive:
    begun = restores.begin(person.access, upload(archive, "vault.age"))
    return restores.start(
        person.access,
        person.owner_key,
        begun.id,
        PASSPHRASE,
        start=archiving.run,
        **options,
    )


def reopened(person: Person) -> Person:
    """The vault as its owner finds it after entering the password once more."""
    opened = opened_anew(person)
    access = open_session(opened.session_id, opened.vault_id, opened.secret)
    return Person(person.user, person.vault_id, person.recovery_code, access)


def unlocked(archive: bytes) -> dict[str, bytes]:
    """The files inside, by our own reader."""
    file = io.BytesIO(archive)
    plain = locks.reader(file, locks.open_lock(file, PASSPHRASE))
    with plain, zipfile.ZipFile(plain) as inside:
        return {name: inside.read(name) for name in inside.namelist()}


def told(archive: bytes) -> dict[str, list[dict[str, Any]]]:
    """The lines of every file, as JSON has them."""
    return {
        name.removesuffix(".ndjson"): [json.loads(line) for line in data.splitlines()]
        for name, data in unlocked(archive).items()
        if name.endswith(".ndjson")
    }


def locked(plain: bytes, passphrase: str = PASSPHRASE) -> bytes:
    """Anything, in an age file."""
    out = io.BytesIO()
    sink = locks.writer(out, Lock(*age.new_header(passphrase, work=4)))
    sink.write(plain)
    sink.close()
    return out.getvalue()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def made_of(found: Mapping[str, Sequence[object]], **manifest: object) -> bytes:
    """An archive of these lines, as if a vault had held them."""
    out = io.BytesIO()
    pack = Pack(out)
    pack.put("manifest", replaced(manifest))
    version = str(manifest.get("format", lines.FORMAT)).partition("/")[2]
    there = lines.files(int(version) if version.isdigit() else lines.VERSION)
    for name in lines.SHAPES:
        if name in there:
            pack.put_lines(name, found.get(name, ()))
    pack.put("totals", lines.Totals(pack.counts, {}, ()))
    pack.close()
    return locked(out.getvalue())


def replaced(changes: Mapping[str, object]) -> lines.Manifest:
    usual: dict[str, Any] = {
        "format": lines.FORMAT,
        "made_at": timezone.now(),
        "vault_id": uuid4(),
        "vault_made_at": timezone.now(),
        "vectors": False,
        "embedder_keys": False,
        "log": lines.LogEnd(0, b"", 0, None),
    }
    return lines.Manifest(**{**usual, **changes})


def collection(**changes: object) -> lines.Collection:
    usual: dict[str, Any] = {
        "id": uuid4(),
        "name": "Work",
        "private": False,
        "position": 0,
        "indexed": False,
        "embedder": "",
        "names_key": bytes(range(32)),
        "created_at": timezone.now(),
    }
    return lines.Collection(**{**usual, **changes})


def memory(home: UUID, text: str | None = "I like tea", **changes: object) -> lines.Memory:
    now = timezone.now()
    usual: dict[str, Any] = {
        "id": uuid4(),
        "collection_id": home,
        "kind": "fact",
        "revision": 1,
        "words": None if text is None else lines.Words(text, "", "", "", 0),
        "created_at": now,
        "updated_at": now,
        "occurred_at": None,
        "forgotten_at": None,
        "valid_from": None,
        "valid_until": None,
        "pinned": False,
        "trusted": True,
        "held": "",
        "conversation": None,
        "position": 0,
    }
    return lines.Memory(**{**usual, **changes})


def altered(archive: bytes, files: Mapping[str, bytes | None]) -> bytes:
    """The same archive with other files, or without those that are None; locked anew."""
    inside = {**unlocked(archive), **files}
    return locked(zipped({name: data for name, data in inside.items() if data is not None}))
