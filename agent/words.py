"""What the agent's page says, Vietnamese first: one table of sentences for each language."""

from __future__ import annotations

from collections.abc import Mapping

VIETNAMESE: dict[str, str] = {
    "language": "vi",
    "other_language": "en",
    "other_language_name": "English",
    "decimal": ",",
    "title": "Máy giám sát tại {site}",
    "intro": "Trang này cho biết máy giám sát của đơn vị đang đo những gì và kết quả lần đo gần nhất.",
    "summary_good": "Tất cả thiết bị đều trả lời bình thường.",
    "summary_bad": "{count} thiết bị hoặc dịch vụ đang có vấn đề.",
    "summary_waiting": "Đang chờ kết quả đo đầu tiên.",
    "summary_nothing": "Chưa có thiết bị nào được giao cho máy giám sát này.",
    "no_inventory": "Chưa nhận được danh mục thiết bị.",
    "inventory_problem": "Danh mục thiết bị chưa được cập nhật: {problem}",
    "devices": "Thiết bị và dịch vụ",
    "check": "Kiểm tra",
    "state": "Tình trạng",
    "measured": "Đo lúc",
    "values": "Số đo",
    "state_good": "Bình thường",
    "state_bad": "Có vấn đề",
    "state_stale": "Số đo đã cũ",
    "state_waiting": "Chưa đo",
    "check_icmp": "Liên lạc mạng (ping)",
    "check_snmp": "Thông số thiết bị (SNMP)",
    "check_http": "Trang web (HTTP)",
    "check_tls": "Chứng thư số (TLS)",
    "check_tcp": "Cổng kết nối (TCP)",
    "check_dns": "Phân giải tên miền (DNS)",
    "check_host": "Sức khỏe máy tính này",
    "check_path": "Chất lượng đường truyền",
    "check_xapi": "Phòng họp trực tuyến",
    "reason_timeout": "không trả lời trong thời gian chờ",
    "reason_refused": "từ chối kết nối: dịch vụ chưa chạy hoặc cổng đã đóng",
    "reason_unreachable": "mạng báo không có đường tới thiết bị",
    "reason_name": "không phân giải được tên",
    "reason_tls": "chứng thư số hoặc bước bắt tay bảo mật không hợp lệ",
    "reason_auth": "thiết bị không chấp nhận tài khoản giám sát",
    "reason_status": "có trả lời nhưng báo lỗi",
    "reason_content": "có trả lời nhưng nội dung không đúng",
    "reason_malformed": "câu trả lời sai quy cách",
    "reason_misbehaving": "thiết bị trả lời mãi không dứt, phép đo đã bị dừng",
    "reason_forbidden": "máy giám sát không được phép hỏi địa chỉ này",
    "reason_budget": "đã dùng hết lượng dữ liệu cho phép trong ngày, mai đo tiếp",
    "reason_internal": "lỗi của chính máy giám sát, xem nhật ký",
    "seconds_ago": "{count} giây trước",
    "minutes_ago": "{count} phút trước",
    "hours_ago": "{count} giờ trước",
    "days_ago": "{count} ngày trước",
    "never": "chưa lần nào",
    "loss": "mất gói {value} %",
    "rtt": "trễ {value} ms",
    "http_status": "mã trả lời {value}",
    "snmp_response": "trả lời SNMP sau {value} ms",
    "certificate_days": "chứng thư còn hạn {value} ngày",
    "unproven": "{count} số đo chưa kiểm chứng, không gây cảnh báo",
    "dns_response": "trả lời sau {value} ms",
    "tcp_connect": "kết nối sau {value} ms",
    "sending": "Gửi về trung tâm",
    "push_good": "Đang gửi bình thường, lần gần nhất {ago}.",
    "push_waiting": "Chưa gửi lần nào.",
    "push_bad": "Không gửi được từ {ago}: {why}. Số đo được giữ trên đĩa và sẽ gửi lại, không mất.",
    "push_none": "Máy này chỉ đo tại chỗ, không gửi về trung tâm.",
    "push_network": "không có đường mạng tới trung tâm",
    "push_timeout": "trung tâm không trả lời kịp",
    "push_tls": "không xác minh được trung tâm (chứng thư số)",
    "push_credential": "trung tâm không chấp nhận mã của máy này, cần đăng ký lại",
    "push_busy": "trung tâm đang bận",
    "push_server": "trung tâm gặp lỗi",
    "push_redirect": "có thiết bị đứng giữa chuyển hướng yêu cầu",
    "push_refused": "yêu cầu bị từ chối",
    "push_internal": "lỗi của chính máy giám sát, xem nhật ký",
    "buffer_empty": "Không có số đo nào đang chờ gửi.",
    "buffer_waiting": "{samples} số đo đang chờ gửi ({megabytes} MB trên đĩa), cũ nhất từ {ago}.",
    "buffer_dropped": "{samples} số đo cũ đã phải bỏ vì bộ nhớ đệm đầy.",
    "buffer_buried": "{samples} số đo bị trung tâm từ chối hẳn, được giữ riêng để xem xét.",
    "running": "Phiên bản {version}, chạy từ {ago}.",
}

ENGLISH: dict[str, str] = {
    "language": "en",
    "other_language": "vi",
    "other_language_name": "Tiếng Việt",
    "decimal": ".",
    "title": "Monitoring agent at {site}",
    "intro": "What this office's agent measures now, and what it found last.",
    "summary_good": "Every device answers as it should.",
    "summary_bad": "Something is wrong with {count} devices or services.",
    "summary_waiting": "Waiting for the first result.",
    "summary_nothing": "No device has been given to this agent yet.",
    "no_inventory": "No list of devices has arrived yet.",
    "inventory_problem": "The list of devices is not the newest: {problem}",
    "devices": "Devices and services",
    "check": "Check",
    "state": "State",
    "measured": "Measured",
    "values": "Values",
    "state_good": "Good",
    "state_bad": "Something is wrong",
    "state_stale": "The value is old",
    "state_waiting": "Not measured yet",
    "check_icmp": "Reachable (ping)",
    "check_snmp": "The device's own figures (SNMP)",
    "check_http": "Web page (HTTP)",
    "check_tls": "Certificate (TLS)",
    "check_tcp": "Port (TCP)",
    "check_dns": "Names (DNS)",
    "check_host": "Health of this computer",
    "check_path": "Quality of the line",
    "check_xapi": "Video-conference room",
    "reason_timeout": "no answer in time",
    "reason_refused": "connection refused: the service is not running or the port is closed",
    "reason_unreachable": "the network says that there is no way to the device",
    "reason_name": "the name cannot be resolved",
    "reason_tls": "the certificate or the handshake is not valid",
    "reason_auth": "the device does not accept our credentials",
    "reason_status": "it answers, but with an error",
    "reason_content": "it answers, but not with what was expected",
    "reason_malformed": "the answer breaks its protocol",
    "reason_misbehaving": "the device never stops answering, so the check was ended",
    "reason_forbidden": "the agent may not ask this address",
    "reason_budget": "today's data allowance for this check is used up; it goes on tomorrow",
    "reason_internal": "a fault of the agent itself, see the log",
    "seconds_ago": "{count} seconds ago",
    "minutes_ago": "{count} minutes ago",
    "hours_ago": "{count} hours ago",
    "days_ago": "{count} days ago",
    "never": "never",
    "loss": "loss {value} %",
    "rtt": "delay {value} ms",
    "http_status": "status {value}",
    "snmp_response": "SNMP answers in {value} ms",
    "certificate_days": "certificate valid for {value} days",
    "unproven": "{count} figures are unproven and never alarm",
    "dns_response": "answers in {value} ms",
    "tcp_connect": "connects in {value} ms",
    "sending": "Sending to the district",
    "push_good": "Sending as it should, last {ago}.",
    "push_waiting": "Nothing was sent yet.",
    "push_bad": "Cannot send since {ago}: {why}. Results are kept on disk and sent later.",
    "push_none": "This agent measures locally and sends nothing.",
    "push_network": "there is no way to the collector",
    "push_timeout": "the collector does not answer in time",
    "push_tls": "the collector cannot be verified (certificate)",
    "push_credential": "the collector does not accept this agent's credential: enrol again",
    "push_busy": "the collector is busy",
    "push_server": "the collector has a fault",
    "push_redirect": "something on the way redirects our requests",
    "push_refused": "the request was refused",
    "push_internal": "a fault of the agent itself, see the log",
    "buffer_empty": "No result waits to be sent.",
    "buffer_waiting": "{samples} samples wait to be sent ({megabytes} MB on disk), the oldest {ago}.",
    "buffer_dropped": "{samples} old samples had to be given up because the buffer was full.",
    "buffer_buried": "{samples} samples were refused by the collector for ever and set aside.",
    "running": "Version {version}, started {ago}.",
}

LANGUAGES: dict[str, dict[str, str]] = {"vi": VIETNAMESE, "en": ENGLISH}


def words_in(language: str) -> Words:
    """The sentences of a language; Vietnamese for any that we do not speak."""
    return Words(LANGUAGES.get(language, VIETNAMESE))


class Words:
    """Says sentences by their key. Values are put in as they are: the template escapes them."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = sentences

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its values; a key that is no sentence (a new kind) is said as it is."""
        return self._sentences.get(key, key.partition("_")[2] or key).format(**values)

    def number(self, written: str) -> str:
        """A number as this language writes it, from one with a decimal point."""
        return written.replace(".", self("decimal"))

    def ago(self, seconds: float | None) -> str:
        """An age in words, in the largest unit of which there are at least two."""
        if seconds is None:
            return self("never")
        for key, unit in (("days_ago", 86_400), ("hours_ago", 3_600), ("minutes_ago", 60)):
            if seconds >= 2 * unit:
                return self(key, count=int(seconds // unit))
        return self("seconds_ago", count=max(0, int(seconds)))
