"""What each rule finds, in words: the one list of the rules' names in this package."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.language import Text


@dataclass(frozen=True, slots=True)
class FindingWords:
    """How a finding is called. short: in a cell of a table. headline: as the collector says it, for
    what Prometheus judges, too, so that both sound alike; `{name}` is the device, `{site}` the site.
    """

    short: Text
    headline: Text | None = None


FINDINGS: dict[str, FindingWords] = {
    "reachability": FindingWords(
        Text("Không trả lời", "Does not answer"),
        Text("{name} không trả lời", "{name} does not answer"),
    ),
    "agent_silent": FindingWords(
        Text("Văn phòng im lặng", "Office is silent"),
        Text("Không nhận được số liệu từ {name}", "Nothing arrives from {name}"),
    ),
    "laser_wear": FindingWords(Text("Laser sắp hỏng", "Laser wears out")),
    "agent_blind": FindingWords(Text("Máy đo không đo được", "Measuring computer cannot measure")),
    "agent_clock": FindingWords(Text("Máy đo sai đồng hồ", "Measuring computer's clock is wrong")),
    "loss": FindingWords(
        Text("Mất gói tin", "Loses packets"), Text("{name} bị mất gói tin", "{name} loses packets")
    ),
    "latency": FindingWords(
        Text("Trả lời chậm", "Answers slowly"),
        Text("{name} phản hồi chậm", "{name} answers slowly"),
    ),
    "jitter": FindingWords(
        Text("Trả lời thất thường", "Answers unsteadily"),
        Text("{name} có kết nối chập chờn", "{name} has an uneven connection"),
    ),
    "path_grade": FindingWords(
        Text("Đường truyền quá kém để họp", "Way too poor for calls"),
        Text("{name} có đường truyền quá kém cho cuộc gọi", "{name} has a path too poor for calls"),
    ),
    "call_loss": FindingWords(
        Text("Cuộc họp mất gói tin", "Call loses packets"),
        Text("{name} có cuộc gọi chất lượng kém", "{name} has a call of poor quality"),
    ),
    "call_jitter": FindingWords(
        Text("Cuộc họp chập chờn", "Call is unsteady"),
        Text("{name} có cuộc gọi chất lượng kém", "{name} has a call of poor quality"),
    ),
    "call_latency": FindingWords(
        Text("Cuộc họp bị trễ", "Call is delayed"),
        Text("{name} có cuộc gọi bị trễ nhiều", "{name} has a call with a long delay"),
    ),
    "interface_errors": FindingWords(
        Text("Cổng mạng có lỗi", "Broken frames at a port"),
        Text("{name} có cổng mạng truyền lỗi", "{name} has a port with transmission errors"),
    ),
    "discards": FindingWords(
        Text("Cổng bỏ dữ liệu", "Port throws data away"),
        Text("{name} có cổng mạng bỏ bớt dữ liệu", "{name} has a port that throws data away"),
    ),
    "flapping": FindingWords(
        Text("Cổng chập chờn", "Port goes up and down"),
        Text("{name} có cổng mạng chập chờn", "{name} has a port that goes up and down"),
    ),
    "port_speed": FindingWords(
        Text("Cổng chạy chậm đi", "Port became slower"),
        Text("{name} có cổng mạng chạy chậm hơn trước", "{name} has a port that became slower"),
    ),
    "port_duplex": FindingWords(
        Text("Cổng bán song công", "Port is half duplex"),
        Text(
            "{name} có cổng mạng chỉ gửi và nhận luân phiên",
            "{name} has a port that can only send and receive in turn",
        ),
    ),
    "saturation": FindingWords(
        Text("Đường truyền đầy", "Line is full"),
        Text("{name} có đường truyền bị đầy", "{name} has a line that is full"),
    ),
    "optical_power": FindingWords(
        Text("Tín hiệu quang yếu", "Light is weak"),
        Text(
            "{name} nhận tín hiệu quang quá yếu", "{name} receives too little light over the fibre"
        ),
    ),
    "optical_transmit": FindingWords(
        Text("Phát quang yếu", "Sends too little light"),
        Text("{name} phát tín hiệu quang quá yếu", "{name} sends too little light into the fibre"),
    ),
    "cellular_registration": FindingWords(
        Text("Mất mạng di động", "Lost the mobile network"),
        Text("{name} mất mạng di động", "{name} has lost the mobile network"),
    ),
    "cellular_generation": FindingWords(
        Text("Tụt xuống mạng cũ hơn", "Fell back to older network"),
        Text(
            "{name} bị lùi về mạng di động đời cũ",
            "{name} has fallen back to an older mobile network",
        ),
    ),
    "cellular_signal": FindingWords(
        Text("Sóng di động yếu", "Mobile signal is weak"),
        Text("{name} có sóng di động yếu", "{name} has a weak mobile signal"),
    ),
    "cellular_quality": FindingWords(
        Text("Sóng di động kém", "Mobile signal is poor"),
        Text("{name} có kết nối di động kém", "{name} has a poor mobile connection"),
    ),
    "cellular_interference": FindingWords(
        Text("Sóng di động bị nhiễu", "Mobile signal is disturbed"),
        Text("{name} có kết nối di động bị nhiễu", "{name} has a disturbed mobile connection"),
    ),
    "on_battery": FindingWords(
        Text("Đang chạy ắc quy", "Runs on battery"),
        Text("{site} mất điện lưới", "{site} has no mains power"),
    ),
    "battery_charge": FindingWords(
        Text("Ắc quy sắp cạn", "Battery is running low"),
        Text("{name} sắp cạn ắc quy", "{name} is running out of battery"),
    ),
    "battery_runtime": FindingWords(
        Text("Ắc quy không đủ lâu", "Battery lasts too short"),
        Text("{name} còn ít thời gian chạy ắc quy", "{name} has little battery time left"),
    ),
    "battery_temperature": FindingWords(
        Text("Ắc quy quá nóng", "Battery is too hot"),
        Text("{name} có ắc quy quá nóng", "{name} has a battery that is too hot"),
    ),
    "battery_replace": FindingWords(
        Text("Cần thay ắc quy", "Needs a new battery"),
        Text("{name} cần thay ắc quy mới", "{name} needs a new battery"),
    ),
    "power_load": FindingWords(
        Text("Bộ nguồn quá tải", "Carries too much load"),
        Text("{name} bị quá tải điện", "{name} carries too much load"),
    ),
    "rectifier": FindingWords(
        Text("Bộ nắn hỏng", "A rectifier has failed"),
        Text("{name} có bộ chỉnh lưu bị hỏng", "{name} has a failed rectifier"),
    ),
    "power_supply": FindingWords(
        Text("Bộ nguồn hỏng", "A power supply has failed"),
        Text("{name} bị hỏng bộ nguồn", "{name} has a failed power supply"),
    ),
    "fan": FindingWords(
        Text("Quạt hỏng", "A fan has failed"),
        Text("{name} bị hỏng quạt", "{name} has a failed fan"),
    ),
    "temperature": FindingWords(
        Text("Quá nóng", "Too hot"), Text("{name} quá nóng", "{name} is too hot")
    ),
    "reboot_loop": FindingWords(
        Text("Khởi động lại liên tục", "Restarts again and again"),
        Text("{name} khởi động lại liên tục", "{name} restarts again and again"),
    ),
    "cpu": FindingWords(
        Text("Bộ xử lý quá tải", "Processor is overloaded"),
        Text("{name} bị quá tải", "{name} is overloaded"),
    ),
    "memory": FindingWords(
        Text("Sắp hết bộ nhớ", "Memory is running out"),
        Text("{name} sắp hết bộ nhớ", "{name} is running out of memory"),
    ),
    "storage_filling": FindingWords(Text("Đĩa đầy dần", "Disk fills day by day")),
    "memory_leak": FindingWords(Text("Bộ nhớ rò rỉ", "Memory leaks away")),
    "battery_voltage": FindingWords(Text("Điện áp ắc quy giảm", "Battery voltage has fallen")),
    "battery_worn": FindingWords(Text("Ắc quy đã mòn", "Battery is worn")),
    "optical_drift": FindingWords(Text("Tín hiệu quang giảm dần", "Light fades slowly")),
    "storage": FindingWords(
        Text("Sắp đầy đĩa", "Disk is filling up"),
        Text("{name} sắp đầy ổ đĩa", "{name} is running out of disk space"),
    ),
    "snmp_silent": FindingWords(
        Text("Không trả lời SNMP", "Does not answer SNMP"),
        Text("{name} không còn báo tình trạng của mình", "{name} no longer reports its health"),
    ),
    "snmp_slow": FindingWords(
        Text("Trả lời SNMP chậm", "Answers SNMP slowly"),
        Text("{name} báo tình trạng rất chậm", "{name} takes long to report its health"),
    ),
    "snmp_ageing": FindingWords(Text("Trả lời SNMP chậm dần", "Answers SNMP ever more slowly")),
    "clock": FindingWords(
        Text("Đồng hồ sai giờ", "Clock is wrong"),
        Text("{name} sai giờ", "{name} has a wrong clock"),
    ),
    "registration": FindingWords(
        Text("Không gọi được", "Cannot be called"),
        Text("{name} không thể nhận cuộc gọi", "{name} cannot be called"),
    ),
    "peripheral": FindingWords(
        Text("Camera hoặc micro hỏng", "Camera or microphone fails"),
        Text("{name} có bộ phận không hoạt động", "{name} has a part that does not work"),
    ),
    "wrong_content": FindingWords(
        Text("Trang sai nội dung", "Page shows the wrong thing"),
        Text("{name} hiện sai trang", "{name} shows the wrong page"),
    ),
    "slow_page": FindingWords(
        Text("Trang mở chậm", "Page loads slowly"),
        Text("{name} phản hồi chậm", "{name} answers slowly"),
    ),
    "wrong_name": FindingWords(
        Text("Tên miền trỏ sai", "Name resolves wrongly"),
        Text("{name} bị tra tên sai", "{name} is looked up wrongly"),
    ),
    "slow_name": FindingWords(
        Text("Tìm tên miền chậm", "Name resolves slowly"),
        Text("{name} tra tên chậm", "{name} is looked up slowly"),
    ),
    "slow_connect": FindingWords(
        Text("Kết nối chậm", "Connects slowly"),
        Text("{name} nhận kết nối chậm", "{name} accepts connections slowly"),
    ),
    "certificate": FindingWords(
        Text("Chứng chỉ sắp hết hạn", "Certificate runs out"),
        Text("{name}: chứng thư số sắp hết hạn", "{name}: the certificate is about to expire"),
    ),
    "recording": FindingWords(
        Text("Camera không ghi hình", "Does not record"),
        Text("{name} không ghi hình", "{name} does not record"),
    ),
    "printer_supply": FindingWords(
        Text("Sắp hết mực", "Ink or toner runs out"),
        Text("{name} sắp hết vật tư", "{name} is running out of supplies"),
    ),
    "checks_late": FindingWords(
        Text("Máy đo đo không kịp", "Cannot measure in time"),
        Text("Máy đo {name} đo không kịp", "The measuring computer {name} cannot keep up"),
    ),
    "buffer_dropping": FindingWords(
        Text("Tác tử mất số đo", "Agent loses measurements"),
        Text("Máy đo {name} bị mất số liệu", "The measuring computer {name} loses measurements"),
    ),
}
"""The values of the label `rule`; tests compare them with the rules that there are and their words."""


def headline_of(rule: str) -> Text:
    """What is said when Prometheus finds it. Raises ValueError for what only the collector can find."""
    headline = FINDINGS[rule].headline
    if headline is None:
        raise ValueError(f"expected a headline for {rule}, which Prometheus judges, too")
    return headline
