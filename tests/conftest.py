"""Fixtures that all tests share: real servers in their own processes."""

from __future__ import annotations

import gc
import importlib
import itertools
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import surroundings
from tests.support.checks.long import IS_LONG, of_short_form
from tests.support.mail.mail_accounts import Dovecot, dovecot
from tests.support.memory import memory
from tests.support.servers import certificates, forking
from tests.support.servers.certificates import Authority
from tests.support.servers.data_folders import Stocks
from tests.support.servers.databases import both
from tests.support.servers.postgres import Postgres, running
from tests.support.servers.seaweed import Seaweed, seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.server.base import pools

for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) == signal.SIG_IGN:
        # A shell ignores these signals for what it runs in the background, and the programs under test would inherit
        # that.
        signal.signal(_number, _usual)

_folders = itertools.count(1)
_mask = os.umask(0o022)
os.umask(_mask)

# A second place in a pool, asked for while one is held, fails instead of waiting for itself now and then.
pools.be_strict()
# On a machine that is busy with other tests, waits are longer than they ever are for the program.
ServerProcess.patience = 60.0

# Nothing that pytest collects is garbage.
gc.disable()

# The tests' folders are made in memory, unless their place is given.
if "TMPDIR" not in os.environ and (_memory := memory()):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_memory))

# Write bytecode: the tests start hundreds of processes, and each module should be compiled only once.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    """Says which file isn't there: the workers only end, and nothing is run of the others either."""
    # The short form compares a part of the pictures.
    config.option.warn_unused_snapshots = not IS_LONG
    home = surroundings.reduce()
    if home is not None:
        config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for argument in config.args:
        path = argument.partition("::")[0]
        if not (config.option.pyargs or (config.invocation_params.dir / path).exists()):
            raise pytest.UsageError(f"there is no {path}")


def pytest_xdist_auto_num_workers() -> int:
    """Three workers for each processor: most tests wait for a program that they have started, and many for a clock."""
    return 3 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pytest_collection(session: pytest.Session) -> None:
    """Each worker first imports a different share of the files, so that no file is compiled twice."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count == 1:
        return
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    here = Path(__file__).parent
    for path in sorted(_files(session.config, here))[number::count]:
        importlib.import_module(".".join(path.relative_to(here.parent).with_suffix("").parts))


def _files(config: pytest.Config, here: Path) -> set[Path]:
    """The files of tests that are asked for, if files or folders are named, or none is."""
    found: set[Path] = set()
    for argument in config.args:
        path = (config.invocation_params.dir / argument.partition("::")[0]).resolve()
        found.update(path.rglob("test_*.py") if path.is_dir() else [path])
    ignored = {Path(each).resolve() for each in config.getoption("ignore") or ()}
    return {path for path in found - ignored if here in path.parents and path.match("test_*.py")}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests come first, so that the run doesn't end up waiting for them. What only the long form has is left out,
    unless a test is named."""
    if not (IS_LONG or any("::" in argument for argument in config.args)):
        kept = of_short_form(items)
        config.hook.pytest_deselected(items=list(set(items).difference(kept)))
        items[:] = kept
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """What a test's own process makes afterwards would have the rights that an earlier test has asked for."""
    if (left := os.umask(_mask)) != _mask:
        pytest.fail(f"the test has left a umask of {left:03o}")


def pytest_collection_finish() -> None:
    """All objects that exist now live to the end: the garbage collector need not scan them again and again. Nor need it
    run after every few hundred new ones."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(forking.COLLECT_AFTER)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def forked_processes() -> Iterator[None]:
    """Servers and commands are forked from processes that have done their imports."""
    with forking.session.running():
        yield


@pytest.fixture(scope="module", autouse=True)
def passwords(request: pytest.FixtureRequest) -> Iterator[None]:
    """Passwords take no time to hash, unless the module sets ``PASSWORDS = "dear"`` because it tests their cost, or
    what happens while one is hashed."""
    with pytest.MonkeyPatch.context() as patch:
        dear = getattr(request.module, "PASSWORDS", "cheap") == "dear"
        patch.setattr(ServerProcess, "dear_passwords", dear)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if getattr(metafunc.module, "DATABASE", "") == "both" and "database_url" in metafunc.fixturenames:
        metafunc.parametrize(*both.args, **both.kwargs)


@contextmanager
def _folder(request: pytest.FixtureRequest, base: Path, name: str) -> Iterator[Path]:
    """A new folder, deleted at the end unless a test has failed in the meantime: those of all tests, a thousand of
    which run a server, would fill 30 GB."""
    folder = base / f"{name}-{next(_folders)}"
    folder.mkdir(mode=0o700)
    failed = request.session.testsfailed
    yield folder
    if request.session.testsfailed == failed:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """As pytest's own, which lists the folders of all earlier tests to find a free name."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    with _folder(request, tmp_path_factory.getbasetemp(), name) as folder:
        yield folder


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or writes to, the configuration of the user who runs it."""
    for name in ("SERVER", "TOKEN", "KEY", "WORK_SERVER", "WORK_TOKEN"):
        monkeypatch.delenv(f"SENTLINKS_{name}", raising=False)
    monkeypatch.setenv("SENTLINKS_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server just for the tests."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def s3_store() -> Iterator[Seaweed]:
    """An S3 store just for the tests."""
    with seaweed() as started:
        yield started


@pytest.fixture(scope="module")
def database_url(request: pytest.FixtureRequest) -> Callable[[], str | None]:
    """Returns a function that gives each server a database: a file in its folder, or a PostgreSQL database if the
    module sets ``DATABASE = "postgres"``. With ``DATABASE = "both"``, each test runs on each."""
    if getattr(request, "param", getattr(request.module, "DATABASE", "sqlite")) == "postgres":
        started: Postgres = request.getfixturevalue("postgres")
        return started.database
    return lambda: None


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest,
    database_url: Callable[[], str | None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ServerProcess]:
    """An empty server, shared by the tests of a module."""
    with (
        _folder(request, tmp_path_factory.getbasetemp(), "server") as folder,
        ServerProcess(folder / "data", database_url=database_url()) as process,
    ):
        yield process


@pytest.fixture
def fresh_server(database_url: Callable[[], str | None], tmp_path: Path) -> Iterator[ServerProcess]:
    """An empty server for one test, which may set its clock or stop it."""
    with ServerProcess(tmp_path / "data", database_url=database_url()) as process:
        yield process


@pytest.fixture(scope="module")
def sample_server(
    request: pytest.FixtureRequest,
    database_url: Callable[[], str | None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ServerProcess]:
    """A server with the sample matters, shared by the tests of a module."""
    with (
        _folder(request, tmp_path_factory.getbasetemp(), "sample") as folder,
        ServerProcess(folder / "data", database_url=database_url(), sample=True) as process,
    ):
        yield process


@pytest.fixture(scope="session")
def stocks(tmp_path_factory: pytest.TempPathFactory) -> Stocks:
    """Data folders that are filled once, and copied for each test."""
    return Stocks(tmp_path_factory.mktemp("stocks"))


@pytest.fixture
def me(server: ServerProcess) -> Iterator[Sender]:
    """A sender on the module's server."""
    with Sender(server) as sender:
        yield sender


@pytest.fixture
def alone(fresh_server: ServerProcess) -> Iterator[Sender]:
    """A sender on a server just for one test."""
    with Sender(fresh_server) as sender:
        yield sender


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that issues certificates for servers on loopback."""
    return certificates.make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's authorities are replaced with the test's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.fixture(scope="module")
def mailbox(authority: Authority) -> Iterator[Dovecot]:
    """A real mailbox, whose certificate is from that authority."""
    with dovecot(authority) as found:
        yield found
