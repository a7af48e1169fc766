"""The room that a machine gives: cores, memory, disk, and ports on the loopback address."""

import os
import shutil
import socket

from gate.finding import ROOT, Finding


def cores() -> Finding:
    """Two processor cores; the times in the README were measured on two."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    get = "two or more, or the load stage misses its objectives"
    return Finding("cores", count >= 2, str(count), get, required=False)


def memory() -> Finding:
    """Memory for the whole system, the browsers and the report."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Finding("memory", gib >= 2, f"{gib:.1f} GiB", "2 GiB or more", required=False)


def disk() -> Finding:
    """Room for the packages and for the runs that are kept."""
    gib = shutil.disk_usage(ROOT).free / 2**30
    return Finding("disk", gib >= 2, f"{gib:.1f} GiB free", f"2 GiB or more under {ROOT}", required=False)


def ports() -> Finding:
    """Free ports on the loopback address, where every process of a testbed listens."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            socket.create_connection(listener.getsockname(), 2).close()
    except OSError as error:
        return Finding("ports", False, str(error), "let processes listen on 127.0.0.1")
    return Finding("ports", True, "127.0.0.1 listens and answers", "")
