"""The rows of the device board about the network: ports, light, radio."""

from __future__ import annotations

from dashboards.expression import OF_DEVICES, now, rate
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, expected, plain, worded
from dashboards.panel import ask
from dashboards.panels import course, timeline
from dashboards.ports import port_table
from dashboards.words import PORT_STATES, YES_GOOD
from telemetry import catalogue as c

_IT = OF_DEVICES
_IN, _OUT = (
    Text("{{interface}} nhận", "{{interface}} in"),
    Text("{{interface}} gửi", "{{interface}} out"),
)
_PORT = "{{interface}}"

PORTS = row(
    Text("Bộ chuyển mạch, bộ định tuyến: các cổng", "Switch, router: ports"),
    port_table(_IT),
    timeline(
        Text("Trạng thái các cổng", "State of the ports"),
        Text(
            "Mỗi dải là một cổng: có kết nối, mất kết nối hay đã tắt.",
            "Each band is a port: connected, without a link, or switched off.",
        ),
        ask(now(c.INTERFACE_ADMIN_UP, _IT).plus(now(c.INTERFACE_UP, _IT)), _PORT),
        look=worded(PORT_STATES),
        width=10,
        height=9,
    ),
    course(
        Text("Lưu lượng", "Traffic"),
        Text("Dữ liệu nhận và gửi ở từng cổng.", "What each port receives and sends."),
        ask(rate(c.INTERFACE_RECEIVE_BYTES, _IT).times(8, "bits_per_second"), _IN),
        ask(rate(c.INTERFACE_TRANSMIT_BYTES, _IT).times(8, "bits_per_second"), _OUT),
        look=Look(unit="bits_per_second"),
    ),
    course(
        Text("Gói tin", "Packets"),
        Text("Số gói tin mỗi giây ở từng cổng.", "Packets per second at each port."),
        ask(rate(c.INTERFACE_RECEIVE_PACKETS, _IT), _IN),
        ask(rate(c.INTERFACE_TRANSMIT_PACKETS, _IT), _OUT),
        look=Look(unit="packets_per_second"),
    ),
    course(
        Text("Gói tin hỏng", "Broken packets"),
        Text(
            "Gói tin bị bỏ vì lỗi: cáp, đầu nối hoặc cổng già. Đường tốt thì không có gói nào.",
            "Packets dropped for errors: cable, plug or an ageing port. A healthy line has none.",
        ),
        ask(rate(c.INTERFACE_RECEIVE_ERRORS, _IT), _IN),
        ask(rate(c.INTERFACE_TRANSMIT_ERRORS, _IT), _OUT),
        ask(
            rate(c.INTERFACE_FCS_ERRORS, _IT),
            Text("{{interface}} sai tổng kiểm tra", "{{interface}} bad checksum"),
        ),
        look=Look(unit="packets_per_second", least=0),
    ),
    course(
        Text("Gói tin bị bỏ vì quá tải", "Packets discarded"),
        Text(
            "Gói tin tốt bị bỏ vì cổng quá tải.",
            "Good packets dropped because the port had too much to do.",
        ),
        ask(rate(c.INTERFACE_RECEIVE_DISCARDS, _IT), _IN),
        ask(rate(c.INTERFACE_TRANSMIT_DISCARDS, _IT), _OUT),
        look=Look(unit="packets_per_second", least=0),
    ),
    folded=True,
)

FIBRE = row(
    Text("Cáp quang: ánh sáng", "Fibre: light"),
    course(
        Text("Ánh sáng nhận", "Light received"),
        Text(
            "Dưới đường giới hạn: mối hàn, đầu nối hoặc chỗ uốn làm mất ánh sáng.",
            "Below the limit a splice, a plug or a bend takes the light away.",
        ),
        ask(now(c.OPTICAL_RECEIVE_POWER, _IT), _PORT),
        look=expected(c.OPTICAL_RECEIVE_POWER),
        width=8,
    ),
    course(
        Text("Ánh sáng phát", "Light sent"),
        Text("Công suất phát của mô-đun quang.", "What the transceiver sends."),
        ask(now(c.OPTICAL_TRANSMIT_POWER, _IT), _PORT),
        look=expected(c.OPTICAL_TRANSMIT_POWER),
        width=8,
    ),
    course(
        Text("Dòng laser", "Laser current"),
        Text(
            "Laser già đi cần dòng lớn hơn cho cùng ánh sáng.",
            "An ageing laser needs more current for the same light.",
        ),
        ask(now(c.OPTICAL_BIAS, _IT), _PORT),
        look=plain(c.OPTICAL_BIAS),
        width=8,
    ),
    course(
        Text("Nhiệt độ mô-đun quang", "Temperature of the optics"),
        Text("Nhiệt độ của mô-đun quang.", "Of the transceiver."),
        ask(now(c.OPTICAL_TEMPERATURE, _IT), _PORT),
        look=plain(c.OPTICAL_TEMPERATURE),
    ),
    course(
        Text("Điện áp mô-đun quang", "Voltage of the optics"),
        Text("Điện áp nuôi mô-đun quang, thường là 3,3 V.", "The supply, usually 3.3 V."),
        ask(now(c.OPTICAL_VOLTAGE, _IT), _PORT),
        look=plain(c.OPTICAL_VOLTAGE),
    ),
    folded=True,
)

_MODEM = "{{modem}}"

CELLULAR = row(
    Text("3G/4G: sóng", "3G/4G: radio"),
    course(
        Text("Cường độ sóng (RSRP, RSSI)", "Signal strength (RSRP, RSSI)"),
        Text(
            "RSRP: từ −80 dBm trở lên là tốt; các đường giới hạn là của RSRP.",
            "RSRP: −80 dBm and more is good; the limits drawn are those of RSRP.",
        ),
        ask(now(c.CELLULAR_RSRP, _IT), "RSRP {{modem}}"),
        ask(now(c.CELLULAR_RSSI, _IT), "RSSI {{modem}}"),
        look=expected(c.CELLULAR_RSRP),
        width=8,
    ),
    course(
        Text("Chất lượng sóng (RSRQ, SINR)", "Signal quality (RSRQ, SINR)"),
        Text("SINR dưới 0 dB: nhiễu lớn hơn tín hiệu.", "SINR below 0 dB: more noise than signal."),
        ask(now(c.CELLULAR_RSRQ, _IT), "RSRQ {{modem}}"),
        ask(now(c.CELLULAR_SINR, _IT), "SINR {{modem}}"),
        look=plain(c.CELLULAR_RSRQ),
        width=8,
    ),
    timeline(
        Text("Đăng ký mạng di động", "Registered in the network"),
        Text("Modem có đăng ký vào mạng không.", "Whether the modem is registered."),
        ask(now(c.CELLULAR_REGISTERED, _IT), _MODEM),
        look=worded(YES_GOOD),
        width=4,
    ),
    course(
        Text("Thế hệ mạng", "Generation"),
        Text("3G, 4G hay 5G của ô đang phục vụ.", "3G, 4G or 5G of the serving cell."),
        ask(now(c.CELLULAR_GENERATION, _IT), _MODEM),
        look=Look(decimals=0, least=2, most=5),
        width=4,
    ),
    folded=True,
)
