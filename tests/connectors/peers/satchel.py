"""Another Satchel: starts one on loopback, with the tests' database, and is its client.

python -m tests.connectors.peers.satchel
"""

import os
from dataclasses import replace

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from config.home import Home
    from tests.stack import Live, Stack

    with Stack(Home(settings.SATCHEL_HOME)) as stack, Live(stack) as live:
        drive(live.url)


def drive(address: str) -> None:
    from connectors.satchel.remote import Satchel
    from tests.api.people import WRITE, Owner
    from tests.connectors.conformance import ITEM, KEY
    from tests.connectors.peers.drive import SEEDS, Drive
    from vault import memories

    owner = Owner()
    seeds = [replace(one, kind="fact") for one in SEEDS]  # the others would wait for their owner
    first, _, gone = (owner.remembers(one.text, title=one.title).id for one in seeds)
    options = {"base_url": address, "token": owner.grants({"Personal": WRITE}).token}
    told = Drive(Satchel, options, headers=("if-match", "idempotency-key"))
    remote, scene = told.remote, told.recorder.scene
    with scene("check"):
        remote.check()
    with scene("pages"):
        (page,) = remote.pages()
    assert [e.item.text for e in page.entries if e.item] == [one.text for one in seeds]
    owner.remembers("Something new.")
    memories.forget(owner.access, gone)
    with scene("delta"):
        (since,) = remote.pages(page.cursor)
    assert [entry.item is None for entry in since.entries] == [False, True]
    with scene("create"):
        assert remote.create(ITEM, KEY)
    with scene("delete"):
        remote.delete(page.entries[0])
    memories.restore(owner.access, first)
    with scene("update"):
        remote.update(page.entries[0], ITEM)
    told.end("Satchel itself, over HTTP")


if __name__ == "__main__":
    main()
