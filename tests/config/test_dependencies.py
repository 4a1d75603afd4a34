"""What people install is what the product uses; what only the tests use is in the test group."""

import re
import tomllib
from importlib.metadata import packages_distributions

from tests.stack import ROOT

PACKAGES = ("api", "config", "connectors", "frontend", "sync", "vault")


def test_every_package_that_people_install_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[\[<>=~]", said)[0].lower() for said in project["dependencies"]}
    modules: dict[str, set[str]] = {name: set() for name in wanted}
    for module, names in packages_distributions().items():
        for name in {name.lower().replace("_", "-") for name in names} & wanted:
            modules[name].add(module)
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in (*files, ROOT / "manage.py"))
    words = set(re.findall(r"\w+", code))
    assert {name for name, mine in modules.items() if not mine & words} == set()
