"""What alerts say: the words of the collector's own rules, so that both ways of judging sound alike.

`{name}` is the device, `{site}` the site; a test compares with the collector's headlines.
"""

from __future__ import annotations

HEADLINES: dict[str, tuple[str, str]] = {
    "reachability": ("{name} không trả lời", "{name} does not answer"),
    "agent_silent": (
        "Không nhận được số liệu từ {name}",
        "Nothing arrives from {name}",
    ),
    "loss": ("{name} bị mất gói tin", "{name} loses packets"),
    "latency": ("{name} phản hồi chậm", "{name} answers slowly"),
    "jitter": ("{name} có kết nối chập chờn", "{name} has an uneven connection"),
    "path_grade": (
        "{name} có đường truyền quá kém cho cuộc gọi",
        "{name} has a path too poor for calls",
    ),
    "call_loss": ("{name} có cuộc gọi chất lượng kém", "{name} has a call of poor quality"),
    "call_jitter": ("{name} có cuộc gọi chất lượng kém", "{name} has a call of poor quality"),
    "call_latency": ("{name} có cuộc gọi bị trễ nhiều", "{name} has a call with a long delay"),
    "interface_errors": (
        "{name} có cổng mạng truyền lỗi",
        "{name} has a port with transmission errors",
    ),
    "discards": ("{name} có cổng mạng bỏ bớt dữ liệu", "{name} has a port that throws data away"),
    "flapping": ("{name} có cổng mạng chập chờn", "{name} has a port that goes up and down"),
    "port_speed": (
        "{name} có cổng mạng chạy chậm hơn trước",
        "{name} has a port that became slower",
    ),
    "port_duplex": (
        "{name} có cổng mạng chỉ gửi và nhận luân phiên",
        "{name} has a port that can only send and receive in turn",
    ),
    "saturation": ("{name} có đường truyền bị đầy", "{name} has a line that is full"),
    "optical_power": (
        "{name} nhận tín hiệu quang quá yếu",
        "{name} receives too little light over the fibre",
    ),
    "optical_transmit": (
        "{name} phát tín hiệu quang quá yếu",
        "{name} sends too little light into the fibre",
    ),
    "cellular_registration": ("{name} mất mạng di động", "{name} has lost the mobile network"),
    "cellular_generation": (
        "{name} bị lùi về mạng di động đời cũ",
        "{name} has fallen back to an older mobile network",
    ),
    "cellular_signal": ("{name} có sóng di động yếu", "{name} has a weak mobile signal"),
    "cellular_quality": ("{name} có kết nối di động kém", "{name} has a poor mobile connection"),
    "cellular_interference": (
        "{name} có kết nối di động bị nhiễu",
        "{name} has a disturbed mobile connection",
    ),
    "on_battery": ("{site} mất điện lưới", "{site} has no mains power"),
    "battery_charge": ("{name} sắp hết pin", "{name} is running out of battery"),
    "battery_runtime": ("{name} còn ít thời gian chạy pin", "{name} has little battery time left"),
    "battery_temperature": (
        "{name} có ắc quy quá nóng",
        "{name} has a battery that is too hot",
    ),
    "battery_replace": ("{name} cần thay ắc quy mới", "{name} needs a new battery"),
    "power_load": ("{name} bị quá tải điện", "{name} carries too much load"),
    "rectifier": ("{name} có bộ chỉnh lưu bị hỏng", "{name} has a failed rectifier"),
    "power_supply": ("{name} bị hỏng bộ nguồn", "{name} has a failed power supply"),
    "fan": ("{name} bị hỏng quạt", "{name} has a failed fan"),
    "temperature": ("{name} quá nóng", "{name} is too hot"),
    "reboot_loop": ("{name} khởi động lại liên tục", "{name} restarts again and again"),
    "cpu": ("{name} bị quá tải", "{name} is overloaded"),
    "memory": ("{name} sắp hết bộ nhớ", "{name} is running out of memory"),
    "storage": ("{name} sắp đầy ổ đĩa", "{name} is running out of disk space"),
    "snmp_silent": (
        "{name} không còn báo tình trạng của mình",
        "{name} no longer reports its health",
    ),
    "snmp_slow": (
        "{name} báo tình trạng rất chậm",
        "{name} takes long to report its health",
    ),
    "clock": ("{name} sai giờ", "{name} has a wrong clock"),
    "registration": ("{name} không thể nhận cuộc gọi", "{name} cannot be called"),
    "peripheral": ("{name} có bộ phận không hoạt động", "{name} has a part that does not work"),
    "wrong_content": ("{name} hiện sai trang", "{name} shows the wrong page"),
    "slow_page": ("{name} phản hồi chậm", "{name} answers slowly"),
    "wrong_name": ("{name} bị tra tên sai", "{name} is looked up wrongly"),
    "slow_name": ("{name} tra tên chậm", "{name} is looked up slowly"),
    "slow_connect": ("{name} nhận kết nối chậm", "{name} accepts connections slowly"),
    "certificate": (
        "{name}: chứng thư số sắp hết hạn",
        "{name}: the certificate is about to expire",
    ),
    "recording": ("{name} không ghi hình", "{name} does not record"),
    "printer_supply": ("{name} sắp hết vật tư", "{name} is running out of supplies"),
    "checks_late": (
        "Máy đo {name} đo không kịp",
        "The measuring computer {name} cannot keep up",
    ),
    "buffer_dropping": (
        "Máy đo {name} bị mất số liệu",
        "The measuring computer {name} loses measurements",
    ),
}
"""Vietnamese and English, by the name of the rule."""
