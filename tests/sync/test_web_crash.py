"""`kill -9` of the web server during an import: the browser comes back to where it was."""

import httpx

from sync.importing import imports
from tests.exports import talks, upload, zipped
from tests.people import new_person
from tests.stack import Live, Worker
from tests.sync.test_crashes import wait_for
from vault import memories


def test_a_killed_web_server_does_not_disturb_an_import(live: Live, worker: Worker) -> None:
    ana = new_person()
    found = imports.begin(ana.access, [upload(zipped(talks(120)))])
    wait_for(ana, found.id, "preview", seconds=60)
    imports.accept(ana.access, found.id)
    live.kill()
    live.start_again()
    assert httpx.get(live.url + "/api/v1/health", timeout=10).status_code == 200
    done = wait_for(ana, found.id, "done", seconds=120)
    assert done.written == memories.counts(ana.access).total == 1200


def test_an_upload_cut_short_leaves_no_import_and_no_file(live: Live) -> None:
    """Whoever loses the connection in the middle of an upload has lost nothing else."""
    import socket
    import time
    from pathlib import Path
    from urllib.parse import urlsplit

    from django.conf import settings

    folder = Path(settings.SATCHEL_UPLOADS_DIR)
    before = set(folder.glob("*"))
    address = urlsplit(live.url)
    head = (
        "POST /import/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.zip"\r\n\r\n'
    )
    with socket.create_connection((address.hostname, address.port)) as line:
        line.sendall(head.encode() + b"z" * 3_000_000)
    deadline = time.monotonic() + 20
    while set(folder.glob("*")) - before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert set(folder.glob("*")) <= before


def test_an_upload_that_no_import_took_is_deleted_with_its_request() -> None:
    taken, left = upload(b"one"), upload(b"two")
    taken.kept = True
    for file in (taken, left):
        file.close()
    assert taken.sealed.path.exists()
    assert not left.sealed.path.exists()
    taken.sealed.path.unlink()


def test_nobody_without_an_open_vault_can_leave_a_file(live: Live) -> None:
    from pathlib import Path

    from django.conf import settings

    folder = Path(settings.SATCHEL_UPLOADS_DIR)
    before = set(folder.glob("*"))
    for page in ("/import/", "/accounts/login/", "/api/v1/memories"):
        answer = httpx.post(live.url + page, files={"files": ("a.zip", b"z" * 200_000)})
        assert answer.status_code in (302, 400, 401, 403, 415)
        assert set(folder.glob("*")) <= before
