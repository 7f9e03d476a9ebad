"""The rows of the device board about what stands in an office: power, room, server, the rest."""

from __future__ import annotations

from dashboards.expression import OF_DEVICES, now
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, bounded, expected, plain, worded
from dashboards.panel import ask
from dashboards.panels import course, timeline
from dashboards.words import YES_BAD, YES_GOOD, YES_PLAIN
from telemetry import catalogue as c

_IT = OF_DEVICES

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
