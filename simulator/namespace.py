"""Moves a process into the network of a simulated office and becomes the program that works there.

Started as `python -I namespace.py CONTROL_FD -- COMMAND…` by `simulator.network`. It makes a
network namespace of its own (as root, or with a user namespace that maps the caller to root), brings
up loopback and a TUN device, opens listening sockets, hands all of it over CONTROL_FD, waits for one
byte, and executes COMMAND, which keeps the process id. With an existing namespace it enters that one.

Only the standard library is imported, and nothing of the host's own network is touched.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCADDRT, _SIOCSIFFLAGS, _SIOCSIFADDR = 0x890B, 0x8914, 0x8916
_SIOCSIFNETMASK, _IFF_UP, _RTF_UP = 0x891C, 0x1, 0x1
_PR_SET_PDEATHSIG, _SIGKILL = 1, 9

TUN_NAME = "office0"

_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> None:
    """Reads the order from the control socket, obeys it and executes the command."""
    control = socket.socket(fileno=int(arguments[0]))
    command = arguments[arguments.index("--") + 1 :]
    message, handed, _, _ = socket.recv_fds(control, 65536, 4)
    order: dict[str, Any] = json.loads(message)
    try:
        if handed:
            _enter(handed)
            answer: list[int] = []
        else:
            answer = _make(order)
    except OSError as error:
        control.sendall(f"error: {error}".encode())
        sys.exit(1)
    socket.send_fds(control, [b"ready"], answer)
    if control.recv(1) != b"g":
        sys.exit(0)
    control.close()
    for descriptor in (*answer, *handed):
        os.close(descriptor)
    # After the change of user namespace, which forgets it: whoever kills the demo ends the agents too.
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    os.execv(command[0], command)  # noqa: S606 - the command comes from our own parent process


def _make(order: dict[str, Any]) -> list[int]:
    """Makes the office's network; returns the descriptors: namespaces, TUN, listening sockets."""
    _unshare()
    _own_resolver(order["files"])
    _raise_interface("lo")
    tun = _open_tun(order["address"])
    listeners = []
    for port in order["ports"]:
        listener = socket.create_server((order["address"], port), backlog=64)
        listeners.append(listener.detach())
    spaces = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in ("user", "net", "mnt")]
    return [*spaces, tun, *listeners]


def _unshare() -> None:
    """A network and a mount namespace; without root inside a user namespace in which we are root."""
    flags = _CLONE_NEWNET | _CLONE_NEWNS
    if os.geteuid() == 0 and _libc.unshare(flags) == 0:
        return
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(flags | _CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "network namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def _own_resolver(files: dict[str, str]) -> None:
    """Lays files over the system's (resolv.conf, hosts), in this mount namespace only."""
    _checked(_libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
    for over, ours in files.items():
        target = os.path.realpath(over)
        if Path(target).exists():
            result = _libc.mount(ours.encode(), target.encode(), None, _MS_BIND, None)
            _checked(result, f"lay {ours} over {target}")


def _open_tun(address: str) -> int:
    """A TUN device that carries `address` and takes every packet that leaves the namespace."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", TUN_NAME.encode(), _IFF_TUN | _IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        for request, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, "255.0.0.0")):
            fcntl.ioctl(plain, request, struct.pack("16s16s8x", TUN_NAME.encode(), _inet(value)))
        _raise_interface(TUN_NAME)
        name = ctypes.create_string_buffer(TUN_NAME.encode())
        # struct rtentry: padding, destination, gateway, mask, flags, …, device name, … ; all zeros
        # and the device make the default route.
        route = struct.pack(
            "@L16s16s16sHhLPhP24x",
            *(0, _inet("0.0.0.0"), bytes(16), _inet("0.0.0.0"), _RTF_UP, 0, 0, 0, 0),  # noqa: S104
            ctypes.addressof(name),
        )
        fcntl.ioctl(plain, _SIOCADDRT, route)
    return tun


def _raise_interface(name: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        fcntl.ioctl(plain, _SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), _IFF_UP))


def _inet(address: str) -> bytes:
    """A struct sockaddr_in."""
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


def _enter(spaces: list[int]) -> None:
    """Enters the namespaces of an office: user (unless it is ours already), network, mount."""
    user, *others = spaces
    if not os.path.samestat(Path("/proc/self/ns/user").stat(), os.fstat(user)):
        _checked(_libc.setns(user, 0), "enter the user namespace")
    for space in others:
        _checked(_libc.setns(space, 0), "enter the namespace")


def _checked(result: int, what: str) -> None:
    if result:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


if __name__ == "__main__":
    main(sys.argv[1:])
