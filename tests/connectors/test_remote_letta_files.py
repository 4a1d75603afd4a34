"""Letta's memory files, in real bare repositories on this machine."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.base.errors import (
    AuthError,
    BadResponse,
    CursorExpired,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.letta import remote_files, repository
from connectors.letta.remote_files import LettaFiles
from tests.connectors.conformance import ITEM, KEY, ConnectorConformance
from tests.connectors.git_server import GitServer, git_server
from tests.connectors.replay import Dead

HUMAN = '---\ndescription: "Who the person is"\nlimit: 5000\n---\n\nLives in Riga.\n'
NEW = f"reference/satchel/{KEY}.md"
TOKEN = "sk-let-not-a-real-key"


class Origin:
    """A bare repository, and somebody else's checkout of it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.checkout = folder / "origin.git", folder / "checkout"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.path))
        self.git("clone", "--quiet", str(self.path), str(self.checkout))

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        run = subprocess.run(["git", *who, *arguments], capture_output=True, text=True, check=True)
        return run.stdout

    def there(self, *arguments: str) -> str:
        return self.git("-C", str(self.checkout), *arguments)

    def write(self, **files: str | None) -> None:
        self.put({name: content and content.encode() for name, content in files.items()})

    def put(self, files: dict[str, bytes | None]) -> None:
        self.there("pull", "--quiet", "--rebase", "origin", "main") if self.tip() else None
        for name, content in files.items():
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if content is None else path.write_bytes(content)
        self.push()

    def push(self) -> None:
        self.there("add", "--all")
        self.there("commit", "--quiet", "--message", "theirs")
        self.there("push", "--quiet", "origin", "HEAD:main")

    def tip(self) -> str:
        return self.git("ls-remote", str(self.path), "refs/heads/main")[:40]

    def show(self, path: str) -> str:
        return self.git("--git-dir", str(self.path), "show", f"main:{path}")

    def names(self) -> set[str]:
        said = self.git("--git-dir", str(self.path), "ls-tree", "-r", "--name-only", "main")
        return set(said.split())


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    made = Origin(tmp_path)
    made.put({"system/human.md": HUMAN.encode(), "README.txt": b"no memory"})
    return made


@pytest.fixture
def remote(origin: Origin) -> Iterator[Remote]:
    yield from opened(origin)


def opened(origin: Origin, **options: str) -> Iterator[Remote]:
    made = connect(repository=str(origin.path), **options)
    yield made
    made.close()


def connect(**options: str) -> Remote:
    given = filled(LettaFiles.Options, options)
    return Remote(LettaFiles(given, httpx.Client(transport=Dead())))


def listed(remote: Remote) -> dict[str, Entry]:
    return {entry.remote_id: entry for page in remote.pages() for entry in page.entries}


class TestLettaFiles(ConnectorConformance):
    connector = LettaFiles
    options = {"repository": "https://letta.example/v1/git/agent-1/state.git", "token": "sk-not"}

    def test_it_is_only_for_machines_where_that_is_allowed(self) -> None:
        assert LettaFiles.reaches == "machine"


def test_every_verb_at_a_real_repository(origin: Origin, remote: Remote) -> None:
    assert remote.check().id == str(origin.path)
    human = listed(remote)["system/human.md"]
    assert human.item == Item("Lives in Riga.", kind="profile", title="Who the person is")
    made = remote.create(ITEM, KEY)
    assert made and made.remote_id == NEW and made.key == KEY
    assert made.item == Item(ITEM.text)
    assert origin.show(NEW) == f'---\ndescription: "{ITEM.text}"\n---\n{ITEM.text}\n'
    assert listed(remote)[NEW] == made
    changed = remote.update(made, Item("Likes tea", title='A "title": with — signs'))
    assert changed.remote_id == NEW and changed.etag != made.etag
    assert changed.item == Item("Likes tea", title='A "title": with — signs')
    assert listed(remote)[NEW] == changed
    remote.delete(changed)
    assert listed(remote).keys() == {"system/human.md"} and NEW not in origin.names()
    with pytest.raises(NotFound):
        remote.update(changed, ITEM)
    remote.delete(changed)


def test_what_others_wrote_keeps_its_head(origin: Origin, remote: Remote) -> None:
    after = remote.update(listed(remote)["system/human.md"], Item("Lives in Tartu."))
    assert after.item and after.item.text == "Lives in Tartu."
    head, _, _ = HUMAN.rpartition("---\n")
    assert origin.show("system/human.md") == f"{head}---\nLives in Tartu.\n"


def test_a_second_try_writes_nothing_anew(origin: Origin, remote: Remote) -> None:
    made, tip = remote.create(ITEM, KEY), origin.tip()
    again = next(opened(origin))
    assert again.create(Item("something else"), KEY) == made and origin.tip() == tip
    again.close()


def test_who_pushed_first_elsewhere_is_kept(origin: Origin, remote: Remote) -> None:
    first = listed(remote)["system/human.md"]
    origin.put({"system/other.md": b"---\ndescription: x\n---\nOther\n"})
    remote.update(first, ITEM)
    origin.put({"system/third.md": b"---\ndescription: x\n---\nThird\n"})
    remote.create(ITEM, KEY)
    assert {"system/other.md", "system/third.md", NEW, "README.txt"} <= origin.names()
    assert ITEM.text in origin.show("system/human.md")


def test_who_changed_the_same_file_first_wins(origin: Origin, remote: Remote) -> None:
    first = listed(remote)["system/human.md"]
    origin.put({"system/human.md": b"Theirs\n"})
    with pytest.raises(PreconditionFailed):
        remote.update(first, ITEM)
    with pytest.raises(PreconditionFailed):
        remote.delete(first)
    assert origin.show("system/human.md") == "Theirs\n"


def test_who_deleted_it_first_wins(origin: Origin, remote: Remote) -> None:
    first = listed(remote)["system/human.md"]
    origin.put({"system/human.md": None})
    with pytest.raises(NotFound):
        remote.update(first, ITEM)


@pytest.mark.parametrize(
    ("verb", "error"), [("create", Unavailable), ("update", PreconditionFailed)]
)
def test_a_repository_that_never_rests_is_given_up(
    origin: Origin, remote: Remote, verb: str, error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = listed(remote)["system/human.md"]
    push = repository.Repository.push

    def late(self: repository.Repository, *given: Any) -> None:
        origin.put({"system/busy.md": origin.tip().encode()})
        push(self, *given)

    monkeypatch.setattr(repository.Repository, "push", late)
    with pytest.raises(error):
        remote.create(ITEM, KEY) if verb == "create" else remote.update(first, ITEM)
    assert origin.show("system/human.md") == HUMAN and NEW not in origin.names()


def test_a_listing_since_the_last_one_costs_one_look(origin: Origin, remote: Remote) -> None:
    cursor = list(remote.pages())[-1].cursor
    assert cursor == origin.tip()
    assert [page.entries for page in remote.pages(cursor)] == [[]]
    origin.put({"system/new.md": b"New\n"})
    with pytest.raises(CursorExpired):
        list(remote.pages(cursor))


def test_many_files_are_listed_over_several_pages(origin: Origin, remote: Remote) -> None:
    many = {f"reference/n{number}.md": b"Text %d\n" % number for number in range(250)}
    origin.put(many)
    pages = list(remote.pages())
    assert [len(page.entries) for page in pages] == [100, 100, 51, 0]
    assert {page.cursor for page in pages[:-1]} == {None}
    assert {entry.item.text for page in pages for entry in page.entries if entry.item} == {
        "Lives in Riga.",
        *(f"Text {number}" for number in range(250)),
    }


def test_only_memories_are_listed(origin: Origin, remote: Remote) -> None:
    origin.put(
        dict.fromkeys(
            (
                "MEMORY.md",
                "topic/MEMORY.md",
                "topic/tea.md",
                ".hidden/x.md",
                "system/.x.md",
                "skills/sew/SKILL.md",
                "skills/sew/notes.md",
                "notes.txt",
                "persona.md",
            ),
            b"---\nname: n\ndescription: d\n---\nText\n",
        )
    )
    found = listed(remote)
    kinds = {path: entry.item.kind for path, entry in found.items() if entry.item}
    assert kinds == {
        "system/human.md": "profile",
        "topic/tea.md": "fact",
        "skills/sew/SKILL.md": "skill",
        "persona.md": "instruction",
    }


def test_the_newer_layout_gets_names_and_indexes(origin: Origin, remote: Remote) -> None:
    origin.put({"MEMORY.md": b"# Index\n"})
    remote.create(Item("Likes tea", title="Tea"), KEY)
    assert origin.show(NEW) == '---\nname: "Tea"\ndescription: "Tea"\n---\nLikes tea\n'
    assert {"reference/MEMORY.md", "reference/satchel/MEMORY.md"} <= origin.names()
    assert origin.show("MEMORY.md") == "# Index\n"
    remote.create(Item("Likes rye", title="Rye"), "2")
    assert listed(remote).keys() == {"system/human.md", NEW, "reference/satchel/2.md"}


def test_a_read_only_file_is_read_and_never_changed(origin: Origin, remote: Remote) -> None:
    origin.put({"system/policy.md": b"---\ndescription: p\nread_only: true\n---\nBe kind.\n"})
    entry = listed(remote)["system/policy.md"]
    with pytest.raises(Rejected):
        remote.update(entry, ITEM)
    with pytest.raises(Rejected):
        remote.delete(entry)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff\xfe", "UTF-8"), (b"x" * 300_000, "too long"), (b"---\na: b\n---\n\n", "empty")],
)
def test_odd_files_are_left_alone_and_say_why(
    origin: Origin, remote: Remote, content: bytes, why: str
) -> None:
    origin.put({"system/odd.md": content})
    odd = listed(remote)["system/odd.md"]
    assert odd.item is None and why in odd.unreadable


def test_links_are_never_followed(origin: Origin, remote: Remote, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("not for anybody")
    (origin.checkout / "system/link.md").symlink_to(secret)
    (origin.checkout / "reference").symlink_to(tmp_path)
    origin.push()
    link = listed(remote)["system/link.md"]
    assert link.item is None and "link" in link.unreadable
    remote.create(ITEM, KEY)
    assert not (tmp_path / "satchel").exists()


def test_no_program_of_a_repository_or_of_this_machine_is_run(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    for hook in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction"):
        path = origin.path / "hooks" / hook
        path.write_text(f"#!/bin/sh\necho {hook} >> {ran}\n")
        path.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {origin.path}/hooks\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    origin_push = {".gitattributes": b"*.md filter=evil\n", ".lfsconfig": b"[lfs]\n"}
    remote = next(opened(origin))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("HOME", str(tmp_path))
    origin.put(origin_push)
    ran.unlink(missing_ok=True)
    remote.create(ITEM, KEY)
    remote.delete(listed(remote)[NEW])
    remote.close()
    assert not ran.exists()


def test_a_change_that_the_other_side_refuses_is_reported(origin: Origin, remote: Remote) -> None:
    origin.git("--git-dir", str(origin.path), "config", "receive.denyUpdates", "true")
    origin.git("--git-dir", str(origin.path), "config", "transfer.hideRefs", "refs/heads/main")
    origin.git("--git-dir", str(origin.path), "config", "uploadpack.hideRefs", "!refs/heads/main")
    with pytest.raises(Rejected):
        remote.create(ITEM, KEY)


def test_nothing_there_is_never_an_empty_listing(tmp_path: Path) -> None:
    empty = Origin(tmp_path)
    for path in (str(empty.path), str(tmp_path / "nowhere"), str(tmp_path)):
        for read in (lambda r: r.check(), lambda r: list(r.pages())):
            with pytest.raises(BadResponse):
                read(connect(repository=path))


def test_an_unknown_branch_is_said(origin: Origin) -> None:
    with pytest.raises(BadResponse):
        connect(repository=str(origin.path), branch="other").check()


def test_a_branch_of_ones_own_choice(origin: Origin) -> None:
    origin.there("push", "--quiet", "origin", "HEAD:refs/heads/side")
    remote = connect(repository=str(origin.path), branch="side")
    assert remote.check().id == f"{origin.path}#side"
    remote.create(ITEM, KEY)
    assert NEW in listed(remote) and NEW not in origin.names()
    remote.close()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repository", value)
        for value in (
            "http://letta.example/x.git",
            "ssh://letta.example/x.git",
            "git@letta.example:x.git",
            "ext::sh -c id",
            "https://me:secret@letta.example/x.git",
            "relative/path",
            "--upload-pack=id",
            "file:///x",
        )
    ]
    + [("branch", value) for value in ("-x", "a..b", "a b", "/a", "a/", ".a", "a.")]
    + [("folder", value) for value in ("../x", "/etc", "a//b", ".git", "a/.git")],
)
def test_hostile_options_are_refused_before_git_sees_them(field: str, value: str) -> None:
    given = {"repository": "/somewhere", field: value}
    with pytest.raises(Misconfigured) as caught:
        connect(**given).check()
    assert caught.value.field == field and value not in str(caught.value)


def test_out_of_reach_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        connect(repository="https://127.0.0.1:9/x.git").check()


def test_what_takes_too_long_is_unavailable(
    origin: Origin, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "SECONDS", 0.0)
    with pytest.raises(Unavailable):
        remote.check()


@pytest.mark.parametrize(
    "document",
    [
        "---\r\ndescription: Tea\r\n---\r\nText\r\n",
        "---\ndescription: 'Tea'\n---\nText",
        "---\ndescription: Tea # a note\nlimit: 3\n---\n\n\nText\n\n",
        '---\nlimit: 3\ndescription: "\\u0054ea"\n---\nText\n',
    ],
)
def test_heads_in_the_ways_people_write_them(origin: Origin, remote: Remote, document: str) -> None:
    origin.put({"system/x.md": document.encode()})
    assert listed(remote)["system/x.md"].item == Item("Text", title="Tea")


@pytest.mark.parametrize(
    ("document", "item"),
    [
        ("Text", Item("Text")),
        ("---\nno end\nText", Item("---\nno end\nText")),
        ("---\ndescription: |\n  several\n  lines\n---\nText", Item("Text")),
        ('---\ndescription: "broken\n---\nText', Item("Text")),
        ("---\n---\nText", Item("Text")),
        ("Text\n---\na: b\n---\n", Item("Text\n---\na: b\n---")),
    ],
)
def test_heads_that_are_none_or_odd_lose_no_text(
    origin: Origin, remote: Remote, document: str, item: Item
) -> None:
    origin.put({"system/x.md": document.encode()})
    assert listed(remote)["system/x.md"].item == item


def test_nothing_is_left_behind(origin: Origin) -> None:
    remote = connect(repository=str(origin.path))
    listed(remote)
    opened_one = remote.connector._opened  # type: ignore[attr-defined]
    assert Path(opened_one._folder.name).is_dir()
    remote.close()
    assert not Path(opened_one._folder.name).exists()
    assert listed(remote), "it may be used again"
    remote.close()


def test_the_limits_are_those_that_the_page_says() -> None:
    assert remote_files.LettaFiles.room.text == 65_536


def test_messages_by_what_git_says() -> None:
    for said, error in (
        (b"fatal: Authentication failed for 'https://x/'", AuthError),
        (b"fatal: could not read Username for 'https://x': terminal prompts disabled", AuthError),
        (b"fatal: unable to access 'https://x/': The requested URL returned error: 403", AuthError),
        (b"fatal: repository 'https://x/' not found", BadResponse),
        (b"fatal: unable to access 'https://x/': Could not resolve host: x", Unavailable),
    ):
        run = subprocess.CompletedProcess([], 128, b"", said)
        found = repository._error(run)
        assert type(found) is error and "https" not in str(found)


@pytest.fixture
def server(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    with git_server(origin.path.parent, user="letta", password=TOKEN) as made:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(made.certificate))
        yield made


def over_https(server: GitServer, token: str = TOKEN) -> Remote:
    return connect(repository=f"{server.address}/origin.git", token=token)


def test_over_https_with_a_key_that_no_list_of_programs_shows(
    origin: Origin, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[str] = []
    run = subprocess.run

    def watched(command: Any, **given: Any) -> Any:
        commands.extend(command)
        return run(command, **given)

    monkeypatch.setattr(subprocess, "run", watched)
    remote = over_https(server)
    assert remote.check().id == f"{server.address}/origin.git"
    made = remote.create(ITEM, KEY)
    assert made and listed(remote).keys() == {"system/human.md", NEW}
    remote.delete(made)
    remote.close()
    assert commands and not any(TOKEN in argument for argument in commands)
    assert set(server.asked) == {f"letta:{TOKEN}"}


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_key_that_is_not_accepted_asks_to_reconnect(server: GitServer, token: str) -> None:
    remote = over_https(server, token)
    with pytest.raises(AuthError) as caught:
        remote.check()
    assert server.address not in str(caught.value)
    remote.close()


def test_a_key_is_not_taken_elsewhere(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, both = tmp_path / "other", tmp_path / "both.pem"
    other.mkdir()
    with git_server(other, user="x", password="x") as elsewhere:
        certificates = (server.certificate, elsewhere.certificate)
        both.write_bytes(b"".join(one.read_bytes() for one in certificates))
        monkeypatch.setenv("GIT_SSL_CAINFO", str(both))
        server.moved = elsewhere.address
        remote = over_https(server)
        with pytest.raises(Unavailable):
            remote.check()
        remote.close()
        assert elsewhere.asked == []


def test_who_cannot_prove_who_it_is_gets_no_key(
    server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_SSL_CAINFO")
    remote = over_https(server)
    with pytest.raises(Unavailable):
        remote.check()
    remote.close()
    assert server.asked == []
