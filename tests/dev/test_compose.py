"""The production shape, checked as text: it is secure before anybody sets anything."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LOGGING_OFF = {
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_min_error_statement=panic",
    "log_min_messages=log",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_error_verbosity=terse",
}
every_service = pytest.mark.parametrize("name", SERVICES)


def test_every_part_is_there() -> None:
    assert set(SERVICES) == {"proxy", "web", "worker", "beat", "migrate", "postgis", "redis"}


@every_service
def test_a_service_has_no_rights_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert not service.get("privileged")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert service["user"].partition(":")[0] not in {"", "0", "root"}


@every_service
def test_no_memory_of_a_crash_is_written_down(name: str) -> None:
    assert SERVICES[name]["ulimits"] == {"core": 0}


@every_service
def test_a_service_cannot_take_the_whole_machine(name: str) -> None:
    assert set(SERVICES[name]["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_a_service_that_stays_is_watched(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_only_the_proxy_can_be_reached() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_the_proxy_cannot_reach_the_database() -> None:
    proxy = set(SERVICES["proxy"]["networks"])
    for name in ("postgis", "redis", "worker", "beat", "migrate"):
        assert not proxy & set(SERVICES[name]["networks"])
        out = {"mail"} if name == "worker" else set()  # it alone sends messages
        inside = set(SERVICES[name]["networks"]) - out
        assert all(COMPOSE["networks"][network]["internal"] for network in inside)


def test_no_secret_stands_in_the_file_and_none_has_a_default() -> None:
    asked = re.findall(r"\$\{(\w+)([^}]*)\}", TEXT)
    assert {name for name, _ in asked} == {
        "LOCATOR_HOST",
        "SECRET_KEY",
        "PACK_SIGNING_KEY",
        "POSTGRES_PASSWORD",
        "DATABASE_PASSWORD",
        "REDIS_PASSWORD",
        "EMAIL_URL",
        "MAIL_FROM",
    }
    assert all(rest == f":?set {name}" for name, rest in asked)
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|_URL", name):
                assert "${" in value


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate"])
def test_the_application_is_never_in_debug_mode(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert (environment["DEBUG"], environment["SECURE_SSL"]) == ("false", "true")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_application_waits_for_tables_and_servers(name: str) -> None:
    assert {on: how["condition"] for on, how in SERVICES[name]["depends_on"].items()} == {
        "migrate": "service_completed_successfully",
        "postgis": "service_healthy",
        "redis": "service_healthy",
    }


def test_postgresql_writes_no_statement_and_no_value_down() -> None:
    said = {word.removeprefix("-c") for word in SERVICES["postgis"]["command"]}
    assert said >= LOGGING_OFF


def test_with_backups_postgresql_is_told_the_same_and_archives() -> None:
    backup = yaml.safe_load((ROOT / "docker-compose.backup.yml").read_text())
    usual, told = SERVICES["postgis"]["command"], backup["services"]["postgis"]["command"]
    assert [word for word in told if not word.startswith("-carchive_")] == usual
    assert len(told) == len(usual) + 3


def test_the_application_is_no_superuser_of_its_database() -> None:
    assert "postgis://locator:" in SERVICES["web"]["environment"]["DATABASE_URL"]
    assert SERVICES["postgis"]["environment"]["POSTGRES_USER"] == "postgres"
    assert "NOSUPERUSER" in (ROOT / ".docker/make-role.sh").read_text()


def test_redis_keeps_nothing_and_wants_a_password() -> None:
    command = SERVICES["redis"]["command"][0]
    assert '--save "" --appendonly no' in command
    assert "requirepass" in command
    assert "volumes" not in SERVICES["redis"]


def test_the_proxy_writes_no_request_down() -> None:
    text = (ROOT / ".docker/Caddyfile").read_text()
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    logs = re.findall(r"^(\s*)log\b[^\n]*\{\n([^}]*)\}", code, flags=re.MULTILINE)
    # The one there is belongs to the whole server and shuts every logger that tells of requests.
    assert [(indent, body.split()) for indent, body in logs] == [("\t", ["exclude", "http"])]
    assert len(re.findall(r"\blog\b", code)) == 1


def test_the_web_process_writes_no_request_down() -> None:
    text = (ROOT / ".docker/Dockerfile").read_text()
    assert "--no-access-log" in text
    assert not re.search(r'"--access-log', text)


def test_what_redis_draws_to_name_callers_is_written_nowhere() -> None:
    assert "LIMITS_KEY" not in TEXT + (ROOT / ".docker/Dockerfile").read_text()
    command = " ".join(SERVICES["redis"]["command"])
    assert '--save "" --appendonly no' in command


def test_only_the_proxy_is_believed_about_who_calls() -> None:
    (subnet,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == subnet["subnet"]
    on_front = [name for name, service in SERVICES.items() if "front" in service["networks"]]
    assert on_front == ["proxy", "web"]
    # A caller's X_Forwarded_For would reach the web process under the name of the proxy's own.
    assert "header_up -X_*" in (ROOT / ".docker/Caddyfile").read_text()


def test_packages_are_installed_by_their_hashes() -> None:
    text = (ROOT / ".docker/Dockerfile").read_text()
    installs = re.findall(r"pip install(?:[^\n]*\\\n)*[^\n]*", text)
    assert installs
    assert all("--require-hashes" in line for line in installs)


def test_only_what_the_images_need_is_sent_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    copied = re.findall(r"^COPY (?!--from)(\S+)", (ROOT / ".docker/Dockerfile").read_text(), re.M)
    assert {line[1:] for line in lines if line.startswith("!")} == set(copied)
