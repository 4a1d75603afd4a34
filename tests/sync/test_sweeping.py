"""Files nobody needs: those of broken uploads go at once, those of crashes with the sweep."""

import gc
import os
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParser
from django.utils import timezone

from sync.archives import archive_sweeping, archives
from sync.archives.archive_uploads import ArchiveUploadHandler
from sync.importing import imports
from sync.importing.uploads import SealedUploadHandler
from sync.models import ArchiveJob, Import, ImportFile
from sync.upkeep import sweeping
from tests.exports import talks, upload, zipped
from tests.people import Person, new_person
from vault.files import FileSealer, SealedFile
from vault.scope import vault_scope

FOLDER = Path(settings.SATCHEL_UPLOADS_DIR)
DAY = 24 * 60 * 60
State = ArchiveJob.State
ENDED = (State.FAILED, State.CANCELLED, State.GONE, State.WIPING)  # the sweep ends the last


class BreaksOff(BytesIO):
    """A request's body whose sender goes away after what there is."""

    def read(self, *size: int | None) -> bytes:
        data = super().read(*size)
        if not data:
            raise UnreadablePostError("gone")
        return data


def part(name: str, data: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n"


def parse(body: BytesIO, length: int, handler: type[SealedUploadHandler]) -> Any:
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": length}
    signed_in: Any = SimpleNamespace(access=object())
    return MultiPartParser(meta, body, [handler(signed_in)], "utf-8").parse()


def sealed(data: bytes) -> SealedFile:
    file = upload(data).sealed
    assert file
    return file


def age(path: Path, seconds: float) -> Path:
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


@pytest.fixture
def ana(database: None) -> Person:
    return new_person()


@pytest.fixture
def before() -> Iterator[set[Path]]:
    """What lay there already: other tests share the folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    yield set(FOLDER.iterdir())


@pytest.mark.parametrize("handler", [SealedUploadHandler, ArchiveUploadHandler])
def test_an_upload_that_breaks_off_leaves_nothing(
    before: set[Path], handler: type[SealedUploadHandler]
) -> None:
    """Neither the half of the second file nor the whole of the first."""
    sent = part("a.zip", b"a" * 10_000) + part("b.zip", b"b" * 3_000_000)[:-2]
    with pytest.raises(UnreadablePostError):
        parse(BreaksOff(sent), len(sent) + 1_000_000, handler)
    gc.collect()
    assert set(FOLDER.iterdir()) <= before


def test_an_upload_that_is_refused_leaves_nothing(before: set[Path], settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    too_much = b'--x\r\nContent-Disposition: form-data; name="words"\r\n\r\n' + b"w" * 1000
    sent = part("a.zip", b"a" * 10_000) + too_much + b"\r\n--x--\r\n"
    with pytest.raises(RequestDataTooBig):
        parse(BytesIO(sent), len(sent), SealedUploadHandler)
    assert set(FOLDER.iterdir()) <= before


def test_an_upload_that_arrives_is_there_until_its_request_ends(before: set[Path]) -> None:
    sent = part("a.zip", b"a" * 10_000) + part("b.zip", b"b" * 100) + b"--x--\r\n"
    _, files = parse(BytesIO(sent), len(sent), SealedUploadHandler)
    taken, left = files.getlist("files")
    assert set(FOLDER.iterdir()) - before == {taken.sealed.path, left.sealed.path}
    taken.kept = True
    for file in (taken, left):
        file.close()
    assert set(FOLDER.iterdir()) - before == {taken.sealed.path}
    taken.sealed.path.unlink()


def test_the_sweep_deletes_what_a_killed_server_left(ana: Person) -> None:
    half = FileSealer(FOLDER)
    half.write(b"z" * 100_000)
    whole = sealed(b"whole")
    fresh = sealed(b"of a request under way")
    imported = imports.begin(ana.access, [upload(zipped(talks(1)))], start=lambda *_: None)
    with vault_scope(ana.vault_id):
        mine = ImportFile.objects.get(vault_id=ana.vault_id, import_id=imported.id)
    kept = age(FOLDER / f"{mine.id}.sealed", 2 * DAY)
    for path in (half._path, whole.path):
        age(path, DAY + 60)
    sweeping.sweep()
    assert not half._path.exists() and not whole.path.exists()
    assert fresh.path.exists() and kept.exists()
    half.discard()
    fresh.path.unlink()
    imports.cancel(ana.access, imported.id)
    assert not kept.exists()


def test_the_sweep_deletes_what_an_ended_import_could_not(ana: Person) -> None:
    """The worker died between the commit and the deleting of the file."""
    imported = imports.begin(ana.access, [upload(zipped(talks(1)))], start=lambda *_: None)
    with vault_scope(ana.vault_id):
        files = ImportFile.objects.filter(vault_id=ana.vault_id, import_id=imported.id)
        path = age(FOLDER / f"{files.get().id}.sealed", 2 * DAY)
        files.delete()
        Import.objects.filter(vault_id=ana.vault_id).update(state=Import.State.CANCELLED)
    sweeping.sweep()
    assert not path.exists()


@pytest.mark.parametrize("ending", ["restore", "age", "part"])
def test_the_sweep_deletes_archives_that_no_job_has(ana: Person, ending: str) -> None:
    lost = sealed(b"lost")
    path = age(lost.path.rename(lost.path.with_suffix(f".{ending}")), DAY + 60)
    fresh = lost.path.with_name(f"{ana.vault_id}.{ending}")
    fresh.write_bytes(b"of a request under way")
    archive_sweeping.sweep()
    assert not path.exists()
    assert fresh.exists()
    fresh.unlink()


@pytest.mark.parametrize("state", State)
def test_the_sweep_deletes_what_an_ended_archive_could_not(ana: Person, state: State) -> None:
    file = sealed(b"an archive")
    path = archives.path_of("restore", file.id)
    age(file.path.rename(path), 2 * DAY)
    ended = state in ENDED
    with vault_scope(ana.vault_id):
        job = ArchiveJob(vault_id=ana.vault_id, kind="restore", state=state, file_id=file.id)
        job.started_at = job.lease_until = timezone.now()
        job.stage = "log"
        job.save(force_insert=True)
    archive_sweeping.sweep()
    assert path.exists() != ended


@pytest.mark.parametrize("sweep", [sweeping.sweep, archive_sweeping.sweep])
def test_a_file_that_goes_meanwhile_stops_no_sweep(
    sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request may end between the listing and the look at its age."""
    ending = "sealed" if sweep is sweeping.sweep else "restore"
    gone = FOLDER / f"0-gone.{ending}"
    old = age(sealed(b"old").path.rename(FOLDER / f"1-old.{ending}"), DAY + 60)
    listed = Path.glob

    def glob(folder: Path, pattern: str) -> list[Path]:
        return [gone, *listed(folder, pattern)] if pattern.endswith(ending) else []

    monkeypatch.setattr(Path, "glob", glob)
    sweep()
    assert not old.exists()
