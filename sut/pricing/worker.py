"""A worker process: takes a stage from its channel, does it, answers, until the channel closes.

It holds no connection and no secret, because it reads files that strangers made.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import time
import traceback
from pathlib import Path
from typing import Any

from sut.pricing import stages

MESSAGE_BYTES = 65_536
TOO_BIG = "MemoryError"

_MEMORY = Path("/proc/self/statm")

_LEAVES_ABOVE_KB = 200_000  # a fresh worker costs milliseconds, a swollen one stays


def work(channel: socket.socket, memory_mb: int) -> None:
    """Serve one channel; a message is a JSON object with the file of the model attached.

    Units: `memory_mb` is what a stage may take beyond what a worker holds at its start.
    """
    _take_no_more_than(memory_mb)
    leaves = False
    while not leaves:
        message, files, _, _ = socket.recv_fds(channel, MESSAGE_BYTES, 1)
        if not message:
            return
        answer = _answer(json.loads(message), files[0])
        leaves = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > _LEAVES_ABOVE_KB
        channel.sendall(json.dumps({**answer, "leaves": leaves}).encode())


def _take_no_more_than(memory_mb: int) -> None:
    held_bytes = int(_MEMORY.read_text().split()[5]) * resource.getpagesize()
    most_bytes = held_bytes + memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))


def _answer(job: dict[str, Any], file: int) -> dict[str, Any]:
    """Do a stage and say when; who asked writes that into the order's trace, because we have no line out."""
    began_ns = time.time_ns()
    try:
        # At a place, because the workers of one order share the file and its position.
        content = os.pread(file, job["size_bytes"], 0)
        answer: dict[str, Any] = {"finding": stages.run(job["stage"], content, job["material"])}
    except MemoryError:
        answer = {"error": TOO_BIG, "trace": ""}
    except Exception as error:  # whatever it stumbles over is for the service to judge
        answer = {"error": type(error).__name__, "trace": traceback.format_exc()[-20_000:]}
    finally:
        os.close(file)
    return {**answer, "began_ns": began_ns, "ended_ns": time.time_ns(), "process": os.getpid()}
