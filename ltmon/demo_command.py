"""`ltmon demo`: the whole system on one machine."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds `demo` to the tree."""
    app.command("demo")(demo)


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the status page.")] = 8080,
    duration: Annotated[
        float | None, typer.Option(min=1, help="End after so many seconds, with a summary.")
    ] = None,
    scenario: Annotated[
        str,
        typer.Option(
            help="What breaks: tour (everything once), switch-death, power-cut, fibre-cut, "
            "room-loss or quiet."
        ),
    ] = "tour",
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    language: Annotated[str, typer.Option(help="Language of the sentences: vi or en.")] = "vi",
    machine: Annotated[
        bool, typer.Option(help="Also monitor this very machine: psutil, its snmpd, our page.")
    ] = True,
    loopback: Annotated[
        bool, typer.Option("--loopback", help="Use 127.x.y.z even where namespaces would work.")
    ] = False,
    keep: Annotated[bool, typer.Option(help="Keep the demo's files and logs.")] = False,
) -> None:
    """Shows the whole system at work: a simulated district with 22 rooms, agents, a collector.

    Breaks things on a timetable and prints what is flagged, with the cause and the seconds since.
    The simulated offices live in network namespaces of their own; your network is not touched.

    Example: ltmon demo --scenario power-cut --duration 120
    """
    from ltmon.demo.show import DemoOptions, run_demo

    run_demo(DemoOptions(port, duration, scenario, json, language, machine, keep, loopback))
