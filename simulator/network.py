"""The networks of simulated offices: one namespace each, with a TUN device that we answer.

A socket and a TUN device keep the namespace in which they were opened, so this process, which stays
on the host's network, answers every office through the descriptors that it was handed, and knows by
the descriptor from which office a packet comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulator import namespace
from telemetry.errors import LtmonError

_SPACES = 3  # descriptors of namespaces in front of the TUN device and the listening sockets


class NoNamespaces(LtmonError):  # noqa: N818 - named for what the user sees
    """This machine does not let us make a network namespace."""


@dataclass(slots=True)
class Office:
    """An office's network. tun: reads and writes whole IPv4 packets, does not block.

    listeners: the listening sockets by their port, all at `address`.
    """

    id: str
    address: str
    tun: int
    listeners: dict[int, socket.socket]
    spaces: tuple[int, ...] = field(repr=False, default=())

    def start(self, command: Sequence[str], **settings: object) -> subprocess.Popen[bytes]:
        """Starts a program inside the office; `settings` are those of Popen. The caller ends it.

        The kernel kills the program when the thread that called this ends: call it from one that lasts.
        """
        control, process = _spawn(command, settings)
        with control:
            socket.send_fds(control, [b"{}"], list(self.spaces))
            _receive(control, process)
            control.sendall(b"g")
        return process

    def close(self) -> None:
        """Gives the descriptors back; the namespace ends with the last process in it."""
        for listener in self.listeners.values():
            listener.close()
        for descriptor in (self.tun, *self.spaces):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def open_office(
    office: str, address: str, ports: Sequence[int] = (), files: Mapping[str, Path] | None = None
) -> Office:
    """Makes an office's network in which `address` is its own and all else goes to the TUN device.

    ports: to listen on at `address`. files: laid over files of the system (such as
    /etc/resolv.conf) for programs in the office. Raises NoNamespaces where the system forbids it.
    """
    control, process = _spawn([], {})
    order = {
        "address": address,
        "ports": list(ports),
        "files": {over: str(ours) for over, ours in (files or {}).items()},
    }
    with control:
        control.sendall(json.dumps(order).encode())
        descriptors = _receive(control, process)
    process.wait()
    spaces, tun, listening = descriptors[:_SPACES], descriptors[_SPACES], descriptors[_SPACES + 1 :]
    listeners = [socket.socket(fileno=descriptor) for descriptor in listening]
    for listener in listeners:
        listener.setblocking(False)
    return Office(office, address, tun, dict(zip(ports, listeners, strict=True)), tuple(spaces))


def namespaces_work() -> bool:
    """Whether this machine lets us make an office's network."""
    try:
        open_office("trial", "10.255.255.1").close()
    except NoNamespaces:
        return False
    return True


def _spawn(
    command: Sequence[str], settings: Mapping[str, object]
) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """A child of `simulator.namespace` and the socket on which it takes its order."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    arguments = [sys.executable, "-I", namespace.__file__, str(theirs.fileno()), "--", *command]
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own module and the caller's command
            arguments,
            pass_fds=(theirs.fileno(),),
            **settings,  # type: ignore[call-overload]
        )
    return ours, process


def _receive(control: socket.socket, process: subprocess.Popen[bytes]) -> list[int]:
    """The descriptors that the child hands over. Raises NoNamespaces with its reason."""
    message, descriptors, _, _ = socket.recv_fds(control, 4096, 250)
    if message == b"ready":
        return descriptors
    process.wait()
    reason = message.decode("utf-8", "replace").removeprefix("error: ") or "it gave no reason"
    raise NoNamespaces(f"The simulated offices cannot get networks of their own here: {reason}")
