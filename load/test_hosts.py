"""Generators on several hosts: network namespaces stand for them, as root; and what the manifests say."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml

from fixtures.testbed.runs import REPOSITORY
from fixtures.testbed.spawner import bound_to_us

HERE = REPOSITORY / "load"
EXAMPLE = "load/examples/open_locustfile.py"
OURS = f"assay-{os.getpid()}"
"""What the namespaces of this process begin with: another may have its own at the same time."""
WIRE = f"{OURS}-wire"
"""A namespace of its own: the machine's firewall may drop what it does not know."""
HOSTS = {name: f"10.123.77.{number}" for number, name in enumerate(("sut", "master", "one", "two"), 2)}
BEGINS_WITHIN_S, ENDS_WITHIN_S = 60, 120
may_make_hosts = pytest.mark.skipif(
    os.geteuid() != 0 or which("ip") is None, reason="network namespaces are root's, and made by `ip`"
)


def ip(*words: str) -> None:
    """Change the network."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[None]:
    """Four hosts on one wire, which are gone afterwards."""
    with ExitStack() as made:
        for space in (WIRE, *(f"{OURS}-{name}" for name in HOSTS)):
            ip("netns", "add", space)
            made.callback(ip, "netns", "del", space)
        ip("-n", WIRE, "link", "add", "wire", "type", "bridge")
        ip("-n", WIRE, "link", "set", "wire", "up")
        for name, address in HOSTS.items():
            space = f"{OURS}-{name}"
            ip(
                "link",
                "add",
                f"to-{name}",
                "netns",
                WIRE,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                space,
            )
            ip("-n", WIRE, "link", "set", f"to-{name}", "master", "wire", "up")
            ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                ip("-n", space, "link", "set", device, "up")
        yield


def on(host: str, *words: str) -> "subprocess.Popen[str]":
    """Start a Python module on one of the hosts."""
    command = ["ip", "netns", "exec", f"{OURS}-{host}", *bound_to_us([sys.executable, "-m", *words])]
    return subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def loaded(folder: Path, seconds: int, made: ExitStack) -> tuple["subprocess.Popen[str]", ...]:
    """A target, a master and two workers, each on its host; the master comes first."""
    started = [on("sut", "load.bench.server", "bimodal", "0.0.0.0", "8080")]  # noqa: S104 - of its own network
    host = f"--host=http://{HOSTS['sut']}:8080"
    words = ("--headless", "--master", "--expect-workers=2", f"--run-time={seconds}s", "--arrival-rate=100")
    started.append(on("master", "locust", "-f", EXAMPLE, host, *words, f"--hdr-folder={folder}"))
    follows = ("-f", EXAMPLE, "--worker", f"--master-host={HOSTS['master']}")
    started += [on(name, "locust", *follows) for name in ("one", "two")]
    for child in started:
        made.callback(_end, child)
    return started[1], *started[2:], started[0]


def hear(child: "subprocess.Popen[str]", words: str) -> None:
    """Wait until somebody says something; a master says each second for whom it waits."""
    assert child.stdout
    said, deadline = "", time.monotonic() + BEGINS_WITHIN_S
    while words not in said:
        line = child.stdout.readline()
        said += line
        assert line, said
        assert time.monotonic() < deadline, said


def _end(child: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        child.kill()
    child.communicate()


@pytest.mark.slow
@may_make_hosts
@pytest.mark.usefixtures("hosts")
def test_workers_on_other_hosts_are_merged_exactly(tmp_path: Path) -> None:
    """Each request that the target received is in the master's histograms."""
    with ExitStack() as made:
        master, *_, target = loaded(tmp_path, 6, made)
        told = master.communicate(timeout=ENDS_WITHIN_S)[0]
        target.terminate()
        done = json.loads(target.communicate(timeout=10)[0].strip().splitlines()[-1])

    figures = json.loads((tmp_path / "load.json").read_text())
    requests = sum(each["requests"] for each in figures["operations"].values())
    assert requests == done["received"] == figures["arrivals"]["Visitor"]["begun"] > 300, told
    assert figures["generators"] == {"most": 2, "faults": []}


@pytest.mark.slow
@may_make_hosts
@pytest.mark.usefixtures("hosts")
def test_a_host_that_drops_off_the_wire_is_seen_and_replaced(tmp_path: Path) -> None:
    """Its wire is cut: the other host takes its share over, and the result is UNKNOWN."""
    with ExitStack() as made:
        master, *_ = loaded(tmp_path, 20, made)
        hear(master, "second page")  # both hosts make requests
        ip("-n", WIRE, "link", "set", "to-two", "down")
        told = master.communicate(timeout=ENDS_WITHIN_S)[0]

    figures = json.loads((tmp_path / "load.json").read_text())
    assert "was lost" in figures["doubt"], told
    assert master.returncode != 0
    assert figures["arrivals"]["Visitor"]["begun"] > 1300, (
        told
    )  # of 2,000; half if nobody took its share over


def documents(name: str) -> list[dict[str, Any]]:
    """The documents of a manifest."""
    return [each for each in yaml.safe_load_all((HERE / name).read_text()) if each]


def test_the_cluster_finds_what_its_services_name() -> None:
    """Selectors meet labels, ports meet names, hosts meet services, files are there."""
    objects = documents("kubernetes.yaml")
    pods = {
        each["spec"]["template"]["metadata"]["labels"]["app"]: each["spec"]["template"]["spec"]
        for each in objects
        if "template" in each["spec"]
    }
    services = {each["metadata"]["name"]: each["spec"] for each in objects if each["kind"] == "Service"}
    for service in services.values():
        ports = {port["name"] for port in pods[service["selector"]["app"]]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["ports"]} <= ports
    said = " ".join(word for pod in pods.values() for word in pod["containers"][0]["args"])
    assert {"http://assay-load-sut", "--master-host=assay-load-master"} <= set(
        said.replace("--host=", "").split()
    )
    assert f"--expect-workers={objects[-1]['spec']['replicas']}" in said
    assert (REPOSITORY / EXAMPLE).exists()


def test_the_compose_file_starts_what_there_is() -> None:
    """Its modules, files and options are ours."""
    [whole] = documents("compose.yaml")
    assert (HERE / whole["x-assay"]["build"]["dockerfile"]).parent.joinpath("Dockerfile").name == "Dockerfile"
    for name in ("master", "worker"):
        words = whole["services"][name]["command"]
        assert words[0] == "locust"
        assert (REPOSITORY / words[1].partition("=")[2]).exists()
        assert whole["services"][name]["network_mode"] == "service:sut"
    assert whole["services"]["sut"]["command"][0] == "fixtures.testbed.up"
