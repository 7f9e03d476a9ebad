"""The rows of the device board that fit one kind of equipment: ports, light, radio, power, room, server."""

from __future__ import annotations

from dashboards.expression import OF_DEVICES, now, rate
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, bounded, expected, plain, worded
from dashboards.panel import ask
from dashboards.panels import course, timeline
from dashboards.ports import port_table
from dashboards.words import PORT_STATES, YES_BAD, YES_GOOD, YES_PLAIN
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

POWER = row(
    Text("Nguồn điện", "Power"),
    timeline(
        Text("Chạy bằng ắc quy · cần thay ắc quy", "On battery · needs a new battery"),
        Text(
            "Khi nào tải chạy bằng ắc quy, và thiết bị có đòi thay ắc quy không.",
            "When the load ran on the battery, and whether the device asks for a new one.",
        ),
        ask(now(c.POWER_ON_BATTERY, _IT), Text("chạy ắc quy", "on battery")),
        ask(now(c.BATTERY_REPLACE_NEEDED, _IT), Text("cần thay ắc quy", "replace battery")),
        look=worded(YES_BAD),
        width=8,
        height=7,
    ),
    course(
        Text("Ắc quy còn", "Battery charge"),
        Text("Phần còn lại của ắc quy.", "The charge left."),
        ask(now(c.BATTERY_CHARGE, _IT), Text("còn lại", "charge")),
        look=bounded(expected(c.BATTERY_CHARGE), 0, 1),
        width=8,
        height=7,
    ),
    course(
        Text("Ắc quy chạy được thêm", "Battery lasts"),
        Text(
            "Theo tính toán của thiết bị ở tải này.", "By the device's own reckoning at this load."
        ),
        ask(now(c.BATTERY_RUNTIME, _IT), Text("chạy được", "lasts")),
        look=expected(c.BATTERY_RUNTIME),
        width=8,
        height=7,
    ),
    course(
        Text("Điện áp ắc quy", "Battery voltage"),
        Text("Điện áp của bộ ắc quy.", "Of the whole battery."),
        ask(now(c.BATTERY_VOLTAGE, _IT), Text("điện áp", "voltage")),
        look=plain(c.BATTERY_VOLTAGE),
        width=6,
        height=7,
    ),
    course(
        Text("Nhiệt độ ắc quy", "Battery temperature"),
        Text(
            "Cứ nóng thêm 10 °C, ắc quy chì già nhanh gấp đôi.",
            "Every 10 °C more halve the life of a lead battery.",
        ),
        ask(now(c.BATTERY_TEMPERATURE, _IT), Text("nhiệt độ", "temperature")),
        look=expected(c.BATTERY_TEMPERATURE),
        width=6,
        height=7,
    ),
    course(
        Text("Điện lưới", "Mains"),
        Text("Điện áp vào của từng pha.", "The input voltage of each phase."),
        ask(now(c.POWER_INPUT_VOLTS, _IT), Text("pha {{phase}}", "phase {{phase}}")),
        look=plain(c.POWER_INPUT_VOLTS),
        width=6,
        height=7,
    ),
    course(
        Text("Tải", "Load"),
        Text("So với công suất của bộ nguồn.", "As a share of the rating."),
        ask(now(c.POWER_OUTPUT_LOAD, _IT), Text("tải", "load")),
        look=bounded(expected(c.POWER_OUTPUT_LOAD), 0, 1),
        width=6,
        height=7,
    ),
    timeline(
        Text("Bộ nắn", "Rectifiers"),
        Text("Từng bộ nắn có làm việc không.", "Whether each rectifier works."),
        ask(now(c.RECTIFIER_OK, _IT), "{{rectifier}}"),
        look=worded(YES_GOOD),
        height=4,
    ),
    folded=True,
)

_STREAM = "{{direction}} {{media}}"

ROOM = row(
    Text("Phòng họp trực tuyến", "Video-conference room"),
    timeline(
        Text("Đăng ký và cuộc gọi", "Registration and calls"),
        Text(
            "Thiết bị có sẵn sàng nhận cuộc gọi không, và khi nào có cuộc gọi.",
            "Whether the endpoint is registered, and when it was in a call.",
        ),
        ask(now(c.CONFERENCE_REGISTERED, _IT), Text("đã đăng ký", "registered")),
        ask(now(c.CONFERENCE_CALL_ACTIVE, _IT), Text("đang họp", "in a call")),
        look=worded(YES_PLAIN),
        width=12,
        height=6,
    ),
    timeline(
        Text("Camera, micro …", "Camera, microphone …"),
        Text("Từng thiết bị ngoại vi có hoạt động không.", "Whether each peripheral works."),
        ask(now(c.CONFERENCE_PERIPHERAL_OK, _IT), "{{peripheral}}"),
        look=worded(YES_GOOD),
        width=12,
        height=6,
    ),
    course(
        Text("Mất gói trong cuộc họp", "Packets lost in the call"),
        Text(
            "Trên 1 % thì hình vỡ, tiếng ngắt (ITU-T G.1010).",
            "Beyond 1 % one sees blocks and hears gaps (ITU-T G.1010).",
        ),
        ask(now(c.CONFERENCE_CALL_LOSS, _IT), _STREAM),
        look=expected(c.CONFERENCE_CALL_LOSS),
        width=8,
    ),
    course(
        Text("Jitter trong cuộc họp", "Jitter of the call"),
        Text("Các gói đến thất thường bao nhiêu.", "How unsteadily the packets arrive."),
        ask(now(c.CONFERENCE_CALL_JITTER, _IT), _STREAM),
        look=expected(c.CONFERENCE_CALL_JITTER),
        width=8,
    ),
    course(
        Text("Độ trễ của cuộc họp", "Latency of the call"),
        Text("Thời gian đi và về của cuộc gọi.", "The round trip of the call."),
        ask(now(c.CONFERENCE_CALL_LATENCY, _IT), Text("đi và về", "round trip")),
        look=expected(c.CONFERENCE_CALL_LATENCY),
        width=8,
    ),
    folded=True,
)

SERVER = row(
    Text("Máy chủ, máy tính", "Server, computer"),
    course(
        Text("Tải mỗi bộ xử lý", "Load per processor"),
        Text("Trên 100 %: công việc phải chờ.", "Beyond 100 % work is waiting."),
        ask(now(c.HOST_LOAD, _IT), Text("tải", "load")),
        look=plain(c.HOST_LOAD),
        width=8,
    ),
    course(
        Text("Đĩa đã dùng", "Disks in use"),
        Text("Phần đã dùng của từng ổ.", "The share of each volume in use."),
        ask(now(c.DEVICE_STORAGE_UTILIZATION, _IT), "{{volume}}"),
        look=bounded(expected(c.DEVICE_STORAGE_UTILIZATION), 0, 1),
        width=8,
    ),
    course(
        Text("Đồng hồ lệch", "Clock is off by"),
        Text(
            "Quá 30 giây thì chữ ký số và mã hai lớp không dùng được.",
            "Beyond 30 s, signatures and two-factor codes fail.",
        ),
        ask(now(c.HOST_CLOCK_OFFSET, _IT), Text("lệch", "offset")),
        look=plain(c.HOST_CLOCK_OFFSET),
        width=8,
    ),
    folded=True,
)

OTHERS = row(
    Text("Máy in, camera, Wi-Fi", "Printer, camera, Wi-Fi"),
    course(
        Text("Mực còn", "Ink or toner left"),
        Text("Phần còn lại của từng loại mực.", "The share of each supply that is left."),
        ask(now(c.PRINTER_SUPPLY, _IT), "{{supply}}"),
        look=Look(unit="ratio", least=0, most=1),
        width=8,
    ),
    timeline(
        Text("Camera có ghi hình", "Camera records"),
        Text("Camera có đang ghi hình không.", "Whether the camera records."),
        ask(now(c.CAMERA_RECORDING_OK, _IT), Text("ghi hình", "records")),
        look=worded(YES_GOOD),
        width=8,
    ),
    course(
        Text("Máy dùng Wi-Fi", "Devices on the Wi-Fi"),
        Text("Số máy đang nối vào điểm phát.", "Stations associated."),
        ask(now(c.WIFI_CLIENTS, _IT), Text("máy", "devices")),
        look=Look(decimals=0, least=0),
        width=8,
    ),
    folded=True,
)

CLASS_ROWS = (PORTS, FIBRE, CELLULAR, POWER, ROOM, SERVER, OTHERS)
"""All of them, in the order of the board."""
