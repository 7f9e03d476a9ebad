"""The wheel holds what runs and nothing else; each role runs without the other's libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

AGENT_ONLY = ("psutil", "gufo", "pysnmp", "icmplib", "dns")
COLLECTOR_ONLY = ("apprise", "babel", "sqlalchemy", "psycopg")
DEMO_ONLY = ("aiosmtpd", "snmpsim_data")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree and unpacked elsewhere."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    target = folder / "unpacked"
    zipfile.ZipFile(wheel).extractall(target)
    return target


def ltmon(unpacked: Path, *arguments: str, without: tuple[str, ...] = ()) -> str:
    """Runs the unpacked `ltmon` where the libraries `without` cannot be imported."""
    program = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {without!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        f"sys.argv = ['ltmon', *{arguments!r}]\n"
        "from ltmon.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=unpacked,
        env={**os.environ, "PYTHONPATH": str(unpacked), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel_holds_data_and_no_tests(unpacked: Path) -> None:
    """Profiles, the example district, pages, words and migrations are in it; tests are not."""
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    for needed in (
        "inventory/profiles/generic.yaml",
        "inventory/lap-thach/services.yaml",
        "collector/locale/vi/LC_MESSAGES/collector.po",
        "collector/migrations/0001_first_tables.sql",
        "collector/web/templates/status.html",
        "collector/web/static/page.css",
        "telemetry/remote_pb2.py",
        "dashboards/generated/vi/overview.json",
    ):
        assert needed in names
    tops = {name.split("/")[0] for name in names}
    assert not tops & {"tests", "benchmarks", "scripts", "docs", "deploy"}


def test_runs_from_the_wheel(unpacked: Path) -> None:
    """The unpacked wheel checks its own example inventory."""
    ltmon(unpacked, "inventory", "check", str(unpacked / "inventory" / "lap-thach"))


def test_office_needs_no_collector_libraries(unpacked: Path, tmp_path: Path) -> None:
    """`pip install lapthach-monitor[agent]` is enough to check an agent's file and to probe."""
    token = tmp_path / "credential"
    token.write_text("s3cret")
    config = tmp_path / "agent.yaml"
    shipped = (ROOT / "deploy" / "agent.yaml").read_text()
    config.write_text(shipped.replace("/var/lib/ltmon/agent/credential", str(token)))
    ltmon(unpacked, "agent", "check-config", str(config), without=COLLECTOR_ONLY + DEMO_ONLY)
    ltmon(unpacked, "probe", "--help", without=COLLECTOR_ONLY + DEMO_ONLY)
    assert "agent" in ltmon(unpacked, "--help", without=COLLECTOR_ONLY + DEMO_ONLY)


def test_district_needs_no_agent_libraries(unpacked: Path, tmp_path: Path) -> None:
    """`pip install lapthach-monitor[collector]` is enough to check the collector's file."""
    password = tmp_path / "mail-password"
    password.write_text("s3cret")
    config = tmp_path / "collector.yaml"
    shipped = (ROOT / "deploy" / "collector.yaml").read_text()
    config.write_text(
        shipped.replace("/etc/ltmon/mail-password", str(password)).replace(
            "/etc/ltmon/inventory", str(unpacked / "inventory" / "lap-thach")
        )
    )
    ltmon(unpacked, "collector", "check-config", str(config), without=AGENT_ONLY + DEMO_ONLY)
    assert "collector" in ltmon(unpacked, "--help", without=AGENT_ONLY + DEMO_ONLY)
