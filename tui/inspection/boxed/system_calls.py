"""Which system calls the worker may make once its box is shut, as a filter for the kernel.

Pure: the filter is a program of the kernel's small machine, so that a test can run the one for a machine that isn't at
hand. What isn't listed fails with *not permitted*, also calls that later kernels add.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

#: What Python and the parsers do with what they have already: read, compute, allocate, answer, end.
_X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11,
    "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20,
    "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "sendto": 44, "recvfrom": 45,
    "sendmsg": 46, "recvmsg": 47, "exit": 60, "uname": 63, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99,
    "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "sigaltstack": 131,
    "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204, "set_tid_address": 218,
    "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231,
    "ppoll": 271, "set_robust_list": 273, "getrandom": 318, "membarrier": 324, "rseq": 334,
}  # fmt: skip
_AARCH64 = {
    "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "ppoll": 73,
    "fstat": 80, "exit": 93, "exit_group": 94, "set_tid_address": 96, "futex": 98, "set_robust_list": 99,
    "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123,
    "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135,
    "rt_sigreturn": 139, "times": 153, "uname": 160, "getrusage": 165, "gettimeofday": 169, "getpid": 172,
    "getppid": 173, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179,
    "sendto": 206, "recvfrom": 207, "sendmsg": 211, "recvmsg": 212, "brk": 214, "munmap": 215, "mremap": 216,
    "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278, "membarrier": 283, "rseq": 293,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of processor: how the kernel numbers it, the calls that are allowed, and the one that some C libraries use
    to ask for the size of an open file."""

    audit: int
    allowed: dict[str, int]
    newfstatat: int


MACHINES = {
    "x86_64": Machine(0xC000003E, _X86_64, 262),
    "aarch64": Machine(0xC00000B7, _AARCH64, 79),
}
#: Only 64 bits: a 32-bit process on the same kernel numbers its calls otherwise.
POINTER_SIZE = 8

_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _ARCHITECTURE, _FOURTH_ARGUMENT = 0, 4, 16 + 3 * 8
_AT_EMPTY_PATH = 0x1000
ALLOW, KILL, NOT_PERMITTED = 0x7FFF0000, 0x80000000, 0x00050000 | 1


def program(machine: Machine) -> bytes:
    """The filter: 8 bytes an instruction (code, two jumps, a number)."""
    numbers = sorted(machine.allowed.values())
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    # Behind the numbers are five steps; the last one allows.
    for place, number in enumerate(numbers):
        steps.append((_IF_EQUAL, len(numbers) - place - 1 + 4, 0, number))
    steps += [
        # Of an open file (an empty path), not of one by its name.
        (_IF_EQUAL, 0, 2, machine.newfstatat),
        (_LOAD, 0, 0, _FOURTH_ARGUMENT),
        (_IF_EQUAL, 1, 0, _AT_EMPTY_PATH),
        (_RETURN, 0, 0, NOT_PERMITTED),
        (_RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
