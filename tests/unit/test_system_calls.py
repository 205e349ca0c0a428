"""The filter of the worker's system calls, run by a small machine with the numbers of the kernel's own headers."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from tui.inspection.boxed.system_calls import ALLOW, KILL, MACHINES, NOT_PERMITTED, Machine, program

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
#: What a document that has taken the worker over would want.
FORBIDDEN = (
    "openat", "openat2", "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4",
    "execve", "execveat", "clone", "clone3", "kill", "tkill", "tgkill", "ptrace", "process_vm_readv",
    "process_vm_writev", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "io_uring_setup",
    "io_uring_enter", "unlinkat", "renameat2", "mkdirat", "linkat", "symlinkat", "ftruncate", "fchmod",
    "fchown", "prlimit64", "setrlimit", "prctl", "seccomp", "bpf", "mount", "unshare", "setns",
    "memfd_create", "ioctl", "fcntl", "dup", "statx", "getdents64", "shmget", "mq_open", "keyctl",
    "userfaultfd", "perf_event_open", "add_key", "setuid", "capset", "process_madvise",
    "landlock_restrict_self",
)  # fmt: skip
OLD = ("open", "creat", "fork", "vfork", "unlink", "rename", "stat", "dup2", "access", "readlink")


def numbers(machine: str) -> dict[str, int]:
    """The calls of a header by name; of a number that two sizes of pointers share, the name of the larger."""
    text = HEADERS[machine].read_text()
    found = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\s", text)}
    if "fstatat" in found:
        found |= {"newfstatat": found.pop("fstatat")}
    return found


def outcome(machine: Machine, number: int, *, architecture: int | None = None, fourth: int = 0) -> int:
    """What the kernel would do with a call."""
    data = struct.pack(
        "=IIQ6Q", number, machine.audit if architecture is None else architecture, 0, 0, 0, 0, fourth, 0, 0
    )
    steps = list(struct.iter_unpack("=HBBI", program(machine)))
    accumulator = place = 0
    while True:
        code, if_so, if_not, value = steps[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x15:
            place += if_so if accumulator == value else if_not
        else:
            assert code == 0x06
            return int(value)


@pytest.mark.parametrize("name", MACHINES)
def test_the_numbers_are_those_of_the_kernel(name: str) -> None:
    known = numbers(name)
    assert len(known) > 250
    assert {call: known[call] for call in MACHINES[name].allowed} == MACHINES[name].allowed
    assert known["newfstatat"] == MACHINES[name].newfstatat


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_but_what_is_listed_is_permitted(name: str) -> None:
    machine, known = MACHINES[name], numbers(name)
    for call, number in known.items():
        wanted = ALLOW if call in machine.allowed else NOT_PERMITTED
        assert outcome(machine, number) == wanted, call
    for number in (*range(1_200), 0x40000000, 0x40000000 | known["openat"], 0xFFFFFFFF):
        assert outcome(machine, number) == (ALLOW if number in machine.allowed.values() else NOT_PERMITTED)


@pytest.mark.parametrize("name", MACHINES)
def test_what_would_lead_out_is_not_permitted(name: str) -> None:
    known = numbers(name)
    calls = [call for call in (*FORBIDDEN, *OLD) if call in known]
    assert set(FORBIDDEN) - set(calls) == set()
    assert {outcome(MACHINES[name], known[call]) for call in calls} == {NOT_PERMITTED}


@pytest.mark.parametrize("name", MACHINES)
def test_a_file_is_asked_for_its_size_only_if_it_is_open(name: str) -> None:
    machine = MACHINES[name]
    assert outcome(machine, machine.newfstatat, fourth=0x1000) == ALLOW
    for flags in (0, 0x100, 0x1100, 0x1001):
        assert outcome(machine, machine.newfstatat, fourth=flags) == NOT_PERMITTED


@pytest.mark.parametrize("name", MACHINES)
def test_calls_of_another_kind_of_process_end_it(name: str) -> None:
    machine = MACHINES[name]
    for other in (
        0x40000003,
        0x40000028,
        0,
        *(each.audit for each in MACHINES.values() if each is not machine),
    ):
        for number in (0, 3, 63, 231):
            assert outcome(machine, number, architecture=other) == KILL


def test_the_filter_is_short_enough_for_its_jumps() -> None:
    for machine in MACHINES.values():
        assert len(program(machine)) % 8 == 0
        assert len(machine.allowed) < 200
