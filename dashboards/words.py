"""Codes that boards show as words: states, severities, classes, rules, the verdict about a room.

The words are those of the status page; a test compares both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboards import colours
from dashboards.language import Text
from inventory.device_class import DeviceClass


@dataclass(frozen=True, slots=True)
class Named:
    """A number as a word: `code` is what an expression returns, `colour` Grafana's name of it."""

    code: float
    words: Text
    colour: str


STATES: dict[str, Named] = {
    "down": Named(5, Text("Không hoạt động", "Not working"), colours.BAD),
    "unreachable": Named(4, Text("Không tới được", "Cannot be reached"), colours.CUT_OFF),
    "degraded": Named(3, Text("Hoạt động kém", "Working badly"), colours.POOR),
    "not_measured": Named(2, Text("Chưa đo được", "Not measured"), colours.UNKNOWN),
    "excused": Named(1, Text("Đang bảo trì", "Planned work"), colours.PLANNED),
    "up": Named(0, Text("Hoạt động tốt", "Working"), colours.GOOD),
}
"""The states of the label `state`, the worst first. The code grows with the trouble, so that the
worst of many is their maximum and a descending order shows the ill first.
"""

ROOM_VERDICTS = (
    Named(0, Text("Không sẵn sàng", "No-go"), colours.BAD),
    Named(0.5, Text("Có rủi ro", "At risk"), colours.POOR),
    Named(1, Text("Sẵn sàng", "Go"), colours.GOOD),
)
"""What `conference_room_ready` says."""

SEVERITIES: dict[str, Named] = {
    "critical": Named(3, Text("Nghiêm trọng", "Serious"), colours.BAD),
    "warning": Named(2, Text("Cảnh báo", "Warning"), colours.POOR),
    "info": Named(1, Text("Để biết", "For information"), colours.PLANNED),
}
"""The values of the label `severity`, the worst first."""

YES_GOOD = (
    Named(1, Text("Có", "Yes"), colours.GOOD),
    Named(0, Text("Không", "No"), colours.BAD),
)
"""1 is as it should be."""

YES_BAD = (
    Named(1, Text("Có", "Yes"), colours.BAD),
    Named(0, Text("Không", "No"), colours.GOOD),
)
"""1 is trouble."""

YES_PLAIN = (
    Named(1, Text("Có", "Yes"), colours.PLANNED),
    Named(0, Text("Không", "No"), colours.UNKNOWN),
)
"""Neither is trouble."""

PORT_STATES = (
    Named(2, Text("Có kết nối", "Connected"), colours.GOOD),
    Named(1, Text("Mất kết nối", "No link"), colours.POOR),
    Named(0, Text("Đã tắt", "Switched off"), colours.UNKNOWN),
)
"""A port: admin_up + up."""

PATH_GRADES = (
    Named(5, Text("5 · rất tốt", "5 · very good"), colours.GOOD),
    Named(4, Text("4 · tốt", "4 · good"), colours.GOOD),
    Named(3, Text("3 · tạm", "3 · fair"), colours.FAIR),
    Named(2, Text("2 · kém", "2 · poor"), colours.POOR),
    Named(1, Text("1 · hỏng", "1 · bad"), colours.BAD),
)
"""What `path_grade` says."""

CLASSES: dict[str, Text] = {
    DeviceClass.ROUTER: Text("Bộ định tuyến", "Router"),
    DeviceClass.FIREWALL: Text("Tường lửa", "Firewall"),
    DeviceClass.LAN_SWITCH: Text("Bộ chuyển mạch", "Network switch"),
    DeviceClass.FIBER_ONU: Text("Hộp quang (ONU)", "Fibre box (ONU)"),
    DeviceClass.FIBER_OLT: Text("Thiết bị quang trung tâm (OLT)", "Fibre head-end (OLT)"),
    DeviceClass.MEDIA_CONVERTER: Text("Bộ chuyển đổi quang điện", "Fibre media converter"),
    DeviceClass.WIFI_AP: Text("Điểm phát Wi-Fi", "Wi-Fi access point"),
    DeviceClass.CELL_STATION: Text("Trạm 3G/4G", "3G/4G station"),
    DeviceClass.LTE_CPE: Text("Bộ phát 4G", "4G router"),
    DeviceClass.POWER_SYSTEM: Text("Hệ thống nguồn", "Power system"),
    DeviceClass.UPS: Text("Bộ lưu điện (UPS)", "Battery backup (UPS)"),
    DeviceClass.VC_ENDPOINT: Text("Thiết bị họp trực tuyến", "Video-conference device"),
    DeviceClass.SERVER: Text("Máy chủ", "Server"),
    DeviceClass.WORKSTATION: Text("Máy tính", "Computer"),
    DeviceClass.PRINTER: Text("Máy in", "Printer"),
    DeviceClass.CAMERA: Text("Camera", "Camera"),
    DeviceClass.OTHER: Text("Thiết bị khác", "Other device"),
    "service": Text("Dịch vụ", "Service"),
}
"""The values of the label `class`."""
