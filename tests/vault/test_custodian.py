"""Peppers are made once, read by the service alone, and gone when destroyed."""

import multiprocessing
import os
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from vault.crypto.errors import CannotOpen
from vault.keys import custodian as module
from vault.keys.custodian import FileCustodian, KeysFolderError, PepperGone, custodian, today

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "some" / "keys"


@pytest.fixture
def keeper(folder: Path) -> FileCustodian:
    return FileCustodian(folder)


def plant(folder: Path, *days: date) -> None:
    """Peppers of other days, as if the service had run then."""
    keeper = FileCustodian(folder)
    keeper.pepper()
    for day in days:
        keeper._make(f"{day}.day")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_peppers_are_made_on_demand_and_stay(keeper: FileCustodian, folder: Path) -> None:
    lasting, of_today = keeper.pepper(), keeper.pepper_of(today())
    again = FileCustodian(folder)
    assert (again.pepper(), again.pepper_of(today())) == (lasting, of_today)
    assert len({lasting, of_today}) == 2
    assert (len(lasting), len(of_today)) == (32, 32)
    assert keeper.days() == [today()]


def test_only_the_service_can_read_them(keeper: FileCustodian, folder: Path) -> None:
    keeper.pepper_of(today())
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "pepper": 0o400,
        f"{today()}.day": 0o400,
    }


@pytest.mark.parametrize("distance", [-400, -1, 1, 2])
def test_another_day_without_a_pepper_is_gone(keeper: FileCustodian, distance: int) -> None:
    with pytest.raises(PepperGone):
        keeper.pepper_of(today() + distance * DAY)
    assert keeper.days() == []


def test_an_earlier_day_keeps_its_pepper(
    keeper: FileCustodian, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = today()
    made = keeper.pepper_of(first)
    monkeypatch.setattr(module, "today", lambda: first + DAY)
    assert keeper.pepper_of(first) == made
    assert keeper.pepper_of(first + DAY) != made
    assert keeper.days() == [first, first + DAY]


def test_destroys_what_is_older_and_nothing_else(keeper: FileCustodian, folder: Path) -> None:
    days = [today() - n * DAY for n in (40, 31, 30, 1)]
    plant(folder, *days)
    kept = [keeper.pepper(), *map(keeper.pepper_of, days[2:])]
    assert keeper.destroy_before(days[2]) == days[:2]
    assert keeper.days() == days[2:]
    assert [keeper.pepper(), *map(keeper.pepper_of, days[2:])] == kept
    for day in days[:2]:
        with pytest.raises(PepperGone):
            keeper.pepper_of(day)
    assert keeper.destroy_before(days[2]) == []


def test_destroying_overwrites_first(keeper: FileCustodian, folder: Path) -> None:
    old = today() - 9 * DAY
    plant(folder, old)
    pepper = keeper.pepper_of(old)
    witness = folder / "witness"
    witness.hardlink_to(folder / f"{old}.day")
    keeper.destroy_before(today())
    left = witness.read_bytes()
    assert len(left) == 32
    assert left != pepper


def test_a_day_destroyed_by_another_process_meanwhile_is_fine(
    keeper: FileCustodian, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = today() - DAY
    plant(folder, old)
    monkeypatch.setattr(FileCustodian, "days", lambda self: [old - DAY, old])
    keeper.destroy_before(today())
    assert not (folder / f"{old}.day").exists()


def test_destroying_today_gives_a_new_pepper_and_old_tokens_are_dead(keeper: FileCustodian) -> None:
    before = keeper.pepper_of(today())
    assert keeper.destroy_before(today() + DAY) == [today()]
    assert keeper.pepper_of(today()) != before


def _race(folder: Path, barrier: object, answers: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    keeper = FileCustodian(folder)
    answers.put((keeper.pepper_of(today()), keeper.pepper()))  # type: ignore[attr-defined]


def test_racing_processes_agree(folder: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(5):
        barrier, answers = context.Barrier(8), context.Queue()
        place = folder / str(attempt)
        racers = [context.Process(target=_race, args=(place, barrier, answers)) for _ in range(8)]
        for racer in racers:
            racer.start()
        assert len({answers.get(timeout=60) for _ in racers}) == 1
        for racer in racers:
            racer.join()
        assert {path.name for path in place.iterdir()} == {"pepper", f"{today()}.day"}


def test_a_lost_pepper_is_not_replaced_in_silence(keeper: FileCustodian, folder: Path) -> None:
    keeper.pepper_of(today())
    (folder / "pepper").unlink()
    with pytest.raises(KeysFolderError, match="missing"):
        keeper.pepper()
    assert keeper.pepper_of(today())


@pytest.mark.parametrize("name", ["pepper", "day"])
def test_an_open_file_is_refused(keeper: FileCustodian, folder: Path, name: str) -> None:
    keeper.pepper_of(today())
    path = folder / ("pepper" if name == "pepper" else f"{today()}.day")
    for wrong in (0o440, 0o404, 0o644):
        path.chmod(wrong)
        with pytest.raises(KeysFolderError, match="0400"):
            keeper.pepper_of(today()) if name == "day" else keeper.pepper()


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33)])
def test_a_file_of_another_size_is_refused(
    keeper: FileCustodian, folder: Path, content: bytes
) -> None:
    keeper.pepper()
    (folder / "pepper").unlink()
    (folder / "pepper").write_bytes(content)
    (folder / "pepper").chmod(0o400)
    with pytest.raises(KeysFolderError, match="size"):
        keeper.pepper()


def test_a_link_in_place_of_a_pepper_is_not_followed(keeper: FileCustodian, folder: Path) -> None:
    keeper.pepper()
    target = folder / "elsewhere"
    (folder / "pepper").rename(target)
    (folder / "pepper").symlink_to(target)
    with pytest.raises(OSError):
        keeper.pepper()


@pytest.mark.parametrize("wrong", [0o750, 0o705, 0o777])
def test_an_open_folder_takes_no_pepper(folder: Path, wrong: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(wrong)
    for ask in (FileCustodian.pepper, FileCustodian.days, lambda k: k.pepper_of(today())):
        with pytest.raises(KeysFolderError, match="0700"):
            ask(FileCustodian(folder))
    assert list(folder.iterdir()) == []


def test_a_stray_day_file_is_not_ignored(keeper: FileCustodian, folder: Path) -> None:
    keeper.pepper()
    (folder / "monday.day").write_bytes(b"")
    with pytest.raises(KeysFolderError, match="no day"):
        keeper.days()


def test_the_modes_hold_under_any_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        FileCustodian(folder).pepper()
    finally:
        os.umask(before)
    assert (mode(folder), mode(folder / "pepper")) == (0o700, 0o400)


def test_gone_is_a_kind_of_cannot_open_and_a_broken_folder_is_not() -> None:
    assert issubclass(PepperGone, CannotOpen)
    assert not issubclass(KeysFolderError, CannotOpen)


def test_the_settings_name_the_folder(settings: object, folder: Path) -> None:
    settings.SATCHEL_KEYS_DIR = folder  # type: ignore[attr-defined]
    assert custodian().pepper() == FileCustodian(folder).pepper()
    assert custodian() is custodian()
    settings.SATCHEL_KEYS_DIR = str(folder / "other")  # type: ignore[attr-defined]
    assert custodian().pepper() != FileCustodian(folder).pepper()
