"""The box around the worker: limits, Landlock, and a filter of system calls. Once it is shut, it can't be opened.

It is shut after all imports, before a byte of a document is read. What can't be had on this system is left out, and
told: ``sentlinks doctor`` shows it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

from .system_calls import MACHINES, POINTER_SIZE, program

MEMORY, PROCESSOR_SECONDS = 512 * 1024 * 1024, 3
_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _SET_SECCOMP, _NO_NEW_PRIVILEGES = 1, 4, 22, 38
_FILTER_MODE = 2
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
#: What Landlock can deny of files, of TCP, and beyond, by the version that knows it.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_TCP, _TCP_SINCE, _SCOPES, _SCOPES_SINCE = 3, 4, 3, 6


def end_with(parent: int) -> None:
    """Let the kernel end this process with its parent. A parent that has ended already is noticed here."""
    if sys.platform == "linux":
        _libc().prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def shut() -> list[str]:
    """Shut the box. Returns what holds: ``limits``, ``memory``, ``landlock``, ``seccomp``."""
    holds = limit()
    if sys.platform == "linux":
        libc = _libc()
        libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
            holds += ["landlock"] * _landlock(libc) + ["seccomp"] * _filter(libc)
    return holds


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def limit() -> list[str]:
    """Set the limits of time, memory and sizes. Returns which of them hold."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(usage.ru_utime + usage.ru_stime) + PROCESSOR_SECONDS
    for which, least, most in (
        # At the first it ends as if by itself, at the second in any case.
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NPROC, 0, 0),
    ):
        _lower(which, least, most)
    holds = ["limits"]
    if sys.platform == "linux":
        # Others take the number, and don't keep to it: there, the parent watches.
        _lower(resource.RLIMIT_AS, MEMORY, MEMORY)
        holds.append("memory")
    return holds


def _lower(which: int, least: int, most: int) -> None:
    """Set a limit, and where this process was started with a lower one, keep to that."""
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        least, most = min(least, hard), min(most, hard)
    resource.setrlimit(which, (least, most))


def _landlock(libc: ctypes.CDLL) -> bool:
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    files = (1 << max(bits for since, bits in _FILE_RIGHTS.items() if since <= version)) - 1
    rules = struct.pack("=Q", files)
    if version >= _TCP_SINCE:
        rules += struct.pack("=Q", _TCP)
    if version >= _SCOPES_SINCE:
        rules += struct.pack("=Q", _SCOPES)
    handle = libc.syscall(_CREATE_RULESET, rules, len(rules), 0)
    if handle < 0:
        return False
    done = libc.syscall(_RESTRICT_SELF, handle, 0) == 0
    os.close(handle)
    return bool(done)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _filter(libc: ctypes.CDLL) -> bool:
    machine = MACHINES.get(platform.machine())
    if machine is None or ctypes.sizeof(ctypes.c_void_p) != POINTER_SIZE:
        return False
    steps = program(machine)
    given = _Program(len(steps) // 8, steps)
    return bool(libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(given), 0, 0) == 0)
