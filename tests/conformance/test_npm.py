"""What becomes of the tests where nothing can be fetched."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conformance import npm
from tests.stack import free_port


def test_a_machine_without_a_registry_says_so(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(npm.HERE / name, tmp_path)
    nowhere = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(npm.Unreachable, match="npm could not install"):
        npm.install(tmp_path, npm_config_registry=nowhere, npm_config_cache=str(tmp_path / "c"))
    assert not (tmp_path / "node_modules").exists()


@pytest.mark.parametrize("folder", [npm.HERE, npm.HERE.parent / "lighthouse"])
def test_the_lock_pins_contents_and_names_no_registry(folder: Path) -> None:
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    for path, package in locked.items():
        assert "resolved" not in package, path
        assert path == "" or package["integrity"], path
