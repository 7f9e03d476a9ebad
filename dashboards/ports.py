"""The ports of a device as a table: what each is, whether it works, since when, and how well."""

from __future__ import annotations

from dataclasses import replace

from dashboards.expression import Expression, Filter, increase, now
from dashboards.language import Text
from dashboards.look import Look, expected, plain, worded
from dashboards.panel import Panel
from dashboards.table import Label, Value, listing
from dashboards.words import PORT_STATES, YES_GOOD
from telemetry import catalogue as c

_PORT = ("interface", "alias")


def port_table(*filters: Filter, width: int = 14, height: int = 9) -> Panel:
    """One row for each port, the most broken packets first."""
    info = now(c.INTERFACE_INFO, *filters)

    def known(expression: Expression) -> Expression:
        """With the port's name in the device's own configuration."""
        return expression.named_by(info, "alias", "device", "interface").max(*_PORT)

    broken = Text("Gói hỏng", "Broken")
    errors = increase(c.INTERFACE_RECEIVE_ERRORS, *filters).plus(
        increase(c.INTERFACE_TRANSMIT_ERRORS, *filters)
    )
    packets = increase(c.INTERFACE_RECEIVE_PACKETS, *filters).plus(
        increase(c.INTERFACE_TRANSMIT_PACKETS, *filters)
    )
    state = now(c.INTERFACE_ADMIN_UP, *filters).plus(now(c.INTERFACE_UP, *filters))
    share = replace(errors.over(packets.when("> 0")), unit="ratio")
    return listing(
        Text("Các cổng", "Ports"),
        Text(
            "Mỗi dòng là một cổng: kết nối, tốc độ, song công, và phần gói tin hỏng trong thời gian "
            "đang xem.",
            "Each line is a port: its link, speed and duplex, and the share of packets that were broken "
            "in the time shown.",
        ),
        Label("interface", Text("Cổng", "Port")),
        Label("alias", Text("Nối với", "Leads to")),
        Value(known(state), Text("Trạng thái", "State"), worded(PORT_STATES), filled=True),
        Value(
            known(now(c.INTERFACE_SPEED, *filters)),
            Text("Tốc độ", "Speed"),
            plain(c.INTERFACE_SPEED),
        ),
        Value(
            known(now(c.INTERFACE_FULL_DUPLEX, *filters)),
            Text("Song công", "Full duplex"),
            worded(YES_GOOD),
        ),
        Value(known(share), broken, replace(expected("interface_errors_ratio"), unit="ratio")),
        Value(
            known(now(c.INTERFACE_LAST_CHANGE, *filters)),
            Text("Đổi cách đây", "Changed"),
            Look(unit="seconds", decimals=0),
        ),
        sort_by=broken,
        width=width,
        height=height,
    )
