"""The entry script, run for real in a copy of the checkout whose tools are stand-ins."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.waiting import until
from gate.finding import ROOT

# What the script starts at its end; it tells how it was started.
HARNESS = "import os, sys; print(os.getpid(), os.getcwd(), sys.argv[1:], sep='|')\n"
PLAYWRIGHT = "print('Version 0')\n"
# Counts its calls and succeeds; fails while `uv.fails` is there, waits while `uv.waits` is.
UV = """\
#!/bin/sh
cd "$(dirname "$0")"
echo "$@" >>uv.calls
while [ -e uv.waits ]; do sleep 0.1; done
! [ -e uv.fails ]
"""
OBSERVERS = ("prometheus", "promtool", "alertmanager", "amtool")
OVERHEAD_S = 1.0


@dataclass(frozen=True)
class Checkout:
    """A folder with the entry script and stand-ins for everything that it installs or starts."""

    path: Path
    tools: Path

    def start(self, *arguments: str, cwd: Path = Path("/"), **env: str) -> "subprocess.Popen[str]":
        """Start the script as a user would, from somewhere else."""
        return subprocess.Popen(
            [self.path / "assay", *arguments],
            cwd=cwd,
            env=self._environment() | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, cwd: Path = Path("/"), **env: str) -> "subprocess.CompletedProcess[str]":
        """Run the script to its end."""
        process = self.start(*arguments, cwd=cwd, **env)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def has_tool(self, name: str, text: str) -> None:
        """Put a script on the PATH."""
        (self.tools / name).write_text(text)
        (self.tools / name).chmod(0o755)

    def calls(self) -> int:
        """How often the installer was called."""
        calls = self.tools / "uv.calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.tools}:/usr/bin:/bin",
            "HOME": str(self.path.parent),
            "PYTHONPATH": str(self.tools),
            "ASSAY_PYTHON": sys.executable,
            "ASSAY_CHROMIUM": "/bin/true",
            "ASSAY_NATS_SERVER": "/bin/true",
        }


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout in a folder whose name has blanks and a quote."""
    made = Checkout(tmp_path / "the user's checkout", tmp_path / "bin")
    shutil.copytree(ROOT / "gate", made.path / "gate", ignore=shutil.ignore_patterns("__pycache__", "report"))
    (made.path / "gate" / "__main__.py").write_text(HARNESS)
    for folder in ("e2e", "fixtures", "load"):
        (made.path / folder).symlink_to(ROOT / folder)
    shutil.copy2(ROOT / "assay", made.path)
    (made.path / "requirements.lock").write_text("# no packages\n")
    (made.tools / "playwright").mkdir(parents=True)
    (made.tools / "playwright" / "__main__.py").write_text(PLAYWRIGHT)
    made.has_tool("uv", UV)
    for name in OBSERVERS:
        made.has_tool(name, "#!/bin/sh\n")
    return made


def test_arguments_folder_and_process_reach_the_harness(checkout: Checkout, tmp_path: Path) -> None:
    """The script becomes the harness: same process, same folder, the arguments untouched."""
    arguments = ["test", "--target", "my file.toml", "", 'say "hi"']
    process = checkout.start(*arguments, cwd=tmp_path)

    out, err = process.communicate(timeout=60)

    assert out == f"{process.pid}|{tmp_path}|{arguments}\n", err


def test_sources_are_compiled_once_for_all_processes_of_a_run(checkout: Checkout) -> None:
    """Compiled anew in each of them, also where Python is told to, they would cost a run ten seconds."""
    (checkout.path / "gate" / "__main__.py").write_text("import sys; print(sys.dont_write_bytecode)\n")

    assert checkout.run("up", PYTHONDONTWRITEBYTECODE="1").stdout == "False\n"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["--help"], 0, "exit codes:"),
        (["capacity", "--help"], 0, "./assay capacity --seconds 30"),
        ([], 64, "./assay COMMAND --help"),
        (["frobnicate"], 64, "frobnicate"),
        (["drill", "NoSuchAlert"], 64, "OrderLost"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_and_wrong_use_need_no_set_up(
    checkout: Checkout, words: list[str], status: int, told: str
) -> None:
    """Whoever looks around or mistypes on a fresh machine is answered at once, and nothing is installed."""
    done = checkout.run(*words)

    assert done.returncode == status
    assert told in (done.stdout if status == 0 or not words else done.stderr)
    assert checkout.calls() == 0
    assert not (checkout.path / ".assay").exists()


def test_help_of_a_package_says_why_it_comes_after_the_set_up(checkout: Checkout) -> None:
    """Nobody wonders why asking for help installs something."""
    done = checkout.run("bench", "load", "--help")

    assert done.stderr.startswith(
        "./assay: this help is told by a package, so the set-up comes first\nSetting up"
    )
    assert checkout.calls() == 1


def test_second_start_installs_nothing_and_costs_less_than_a_second(checkout: Checkout) -> None:
    """Once set up, the script is silent and quick."""
    checkout.run("up")

    begin = time.monotonic()
    second = checkout.run("up")

    assert time.monotonic() - begin < OVERHEAD_S
    assert (second.returncode, second.stderr, checkout.calls()) == (0, "", 1)


@pytest.mark.skipif(bool(shutil.which("prometheus", path="/usr/bin:/bin")), reason="nothing to get here")
@pytest.mark.parametrize("words", [["test", "contract"], ["gate"]], ids=" ".join)
def test_what_watches_a_system_is_got_before_tests_and_tried_once(
    checkout: Checkout, words: list[str]
) -> None:
    """Tests of alerts run wherever Prometheus can be had; where it cannot, only the first start says so."""
    for name in OBSERVERS:
        (checkout.tools / name).unlink()
    for name in ("apt-get", "dpkg"):
        checkout.has_tool(name, "#!/bin/sh\necho no way there\nexit 100\n")

    first, second = checkout.run(*words), checkout.run(*words)

    assert "Prometheus and Alertmanager could not be had" in first.stderr
    assert (first.returncode, second.returncode, second.stderr) == (0, 0, "")


def test_changed_lock_file_is_installed(checkout: Checkout) -> None:
    """After an update of the pinned packages the next start installs them."""
    checkout.run("up")
    (checkout.path / "requirements.lock").write_text("# others\n")

    checkout.run("up")

    assert checkout.calls() == 2


def test_start_through_a_symbolic_link_finds_the_checkout(checkout: Checkout, tmp_path: Path) -> None:
    """A link in a folder of the PATH serves as a command."""
    link = tmp_path / "assay-link"
    link.symlink_to(checkout.path / "assay")

    done = subprocess.run([link, "up"], env=checkout._environment(), capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_two_first_starts_at_once_set_up_once(checkout: Checkout) -> None:
    """The second waits for the first and finds the work done."""
    both = [checkout.start("up"), checkout.start("up")]

    ends = [(process.communicate(timeout=60)[1], process.returncode) for process in both]

    assert [code for _, code in ends] == [0, 0], ends
    assert checkout.calls() == 1


def test_killed_set_up_is_continued_by_the_next_start(checkout: Checkout) -> None:
    """A set-up that was cut off stops no later one, and what it left half installed is not trusted."""
    (checkout.tools / "uv.waits").touch()
    first = checkout.start("up")
    until(lambda: checkout.calls() == 1, within_s=20, what="the installer was called")
    first.send_signal(signal.SIGKILL)
    first.wait()
    half = checkout.path / ".venv" / "half-a-package"
    half.touch()
    (checkout.tools / "uv.waits").unlink()

    second = checkout.run("up")

    assert second.returncode == 0, second.stderr
    assert (checkout.calls(), half.exists()) == (2, False)


def test_pip_takes_over_where_uv_fails(checkout: Checkout) -> None:
    """A machine whose index only pip can reach is set up by pip."""
    (checkout.tools / "uv.fails").touch()

    done = checkout.run("up")

    assert done.returncode == 0, done.stderr
    assert "with pip" in done.stderr


def test_failed_set_up_tells_what_the_end_of_the_log_and_what_to_do(checkout: Checkout) -> None:
    """Whoever meets a failure can act on it without opening a file."""
    (checkout.tools / "uv.fails").touch()
    (checkout.path / "requirements.lock").write_text("not-there==1 --hash=sha256:" + "0" * 64 + "\n")

    done = checkout.run("up", PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)

    assert done.returncode == 2
    assert "the pinned Python packages could not be installed" in done.stderr
    assert "No matching distribution found for not-there==1" in done.stderr
    assert "What to do:" in done.stderr


def test_named_python_that_is_none_is_refused(checkout: Checkout) -> None:
    """A wrong ASSAY_PYTHON is told; another Python would be used in silence."""
    done = checkout.run("up", ASSAY_PYTHON="/nonexistent")

    assert done.returncode == 2
    assert "ASSAY_PYTHON: expected a Python 3.11 or newer, seen '/nonexistent'" in done.stderr


def test_named_browser_that_does_not_start_is_refused(checkout: Checkout) -> None:
    """A wrong ASSAY_CHROMIUM is told at once, not by every scenario."""
    done = checkout.run("up", ASSAY_CHROMIUM="/bin/false")

    assert done.returncode == 2
    assert "ASSAY_CHROMIUM=/bin/false does not start" in done.stderr


def test_nothing_is_installed_where_that_is_forbidden(checkout: Checkout) -> None:
    """With ASSAY_NO_INSTALL the script names what is missing and leaves the machine alone."""
    shutil.copytree(ROOT / "gate" / "report", checkout.path / "gate" / "report")
    before = sorted(path.name for path in checkout.path.iterdir())

    done = checkout.run("gate", ASSAY_NO_INSTALL="1", PYTHONDONTWRITEBYTECODE="1")

    assert done.returncode == 2
    assert "MISSING   browser" in done.stderr
    assert sorted(path.name for path in checkout.path.iterdir()) == before


@pytest.mark.parametrize("option", [["doctor", "--nonsense"], ["doctor", "more"]], ids=" ".join)
def test_doctor_needs_no_set_up(checkout: Checkout, option: list[str]) -> None:
    """The doctor is asked before anything is installed, and refuses what it does not know."""
    shutil.copytree(ROOT / "gate" / "report", checkout.path / "gate" / "report")

    done = checkout.run(*option)

    assert done.returncode == 64
    assert checkout.calls() == 0


@pytest.mark.parametrize("words", [["drill"], ["drill", "OrderLost"], ["up", "--observe"]], ids=" ".join)
@pytest.mark.parametrize("chosen", [["--testbed", "containers"], ["--testbed=containers"]], ids=" ".join)
def test_programs_that_watch_are_not_fetched_where_containers_serve(
    checkout: Checkout, words: list[str], chosen: list[str]
) -> None:
    """What comes from images is not also unpacked from Debian's packages."""
    checkout.run("up")

    assert checkout.run(*words, *chosen, ASSAY_NO_INSTALL="1").stderr == ""
