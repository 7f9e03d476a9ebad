"""What wears out: what to replace first, and what has been getting worse."""

from __future__ import annotations

from dataclasses import replace

from dashboards import colours
from dashboards.board import Board
from dashboards.expression import IN_SITES, OF_CLASSES, changes, now, over_time
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, Step, counted, expected, limit_of, plain
from dashboards.panel import ask
from dashboards.panels import bars, course, figure
from dashboards.shared import CLASS_COLUMN, DEVICE, SITE
from dashboards.table import Label, Value, listing
from dashboards.variables import CLASSES, SITES
from telemetry import catalogue as c

_HERE = (IN_SITES, OF_CLASSES)
_BY = ("site", "device", "class")
_WEAK = f"<= {limit_of(c.OPTICAL_RECEIVE_POWER).degraded:g}"
_NONE = Text("Không có", "None")
_NUMBER = Text("Số máy", "Number")
_RUNS = Text("Chạy được", "Running for")

_FIGURES = (
    figure(
        Text("Ắc quy đòi thay", "Batteries asking to be replaced"),
        Text("Thiết bị tự báo cần thay ắc quy.", "Devices that themselves ask for a new battery."),
        ask(now(c.BATTERY_REPLACE_NEEDED, *_HERE).sum(), "batteries"),
        counted(colours.BAD),
        width=6,
    ),
    figure(
        Text("Quạt, bộ nguồn, bộ nắn hỏng", "Fans, supplies, rectifiers failed"),
        Text(
            "Theo lời thiết bị. Máy còn chạy, nhưng không còn dự phòng.",
            "By the devices' own word. They still run, but on their last leg.",
        ),
        ask(
            now(c.DEVICE_FAN_OK, *_HERE)
            .also(now(c.DEVICE_POWER_SUPPLY_OK, *_HERE))
            .also(now(c.RECTIFIER_OK, *_HERE))
            .when("== 0")
            .count()
            .otherwise(0),
            "parts",
        ),
        counted(colours.BAD),
        width=6,
    ),
    figure(
        Text("Ánh sáng dưới giới hạn", "Light below its limit"),
        Text("Số đường quang dưới giới hạn.", "Fibre lines whose light is below the limit."),
        ask(
            now(c.OPTICAL_RECEIVE_POWER, *_HERE).when(_WEAK).count().otherwise(0),
            "lines",
        ),
        counted(colours.POOR),
        width=6,
    ),
    figure(
        Text("Máy tự khởi động lại", "Devices that restarted"),
        Text(
            "Thiết bị đã khởi động lại trong thời gian đang xem: điện chập chờn hoặc máy già.",
            "Devices that restarted in the time shown: unsteady power, or age.",
        ),
        ask(changes("resets", c.DEVICE_UPTIME, *_HERE).when("> 0").count().otherwise(0), "devices"),
        counted(colours.POOR),
        width=6,
    ),
)

_WORSE = Text("Nay so với trước", "Now as a share of then")

_TOP = (
    listing(
        Text(
            "Chậm dần: trả lời SNMP nay so với đầu thời gian đang xem",
            "Getting slower: SNMP answers now and then",
        ),
        Text(
            "Thời gian trả lời trung bình giờ vừa qua so với giờ đầu của thời gian đang xem. "
            "Hơn 150 %: bộ xử lý hoặc bộ nhớ già đi.",
            "The mean answer time of the last hour as a share of the first hour shown. More than "
            "150 %: an ageing processor or memory.",
        ),
        Label("device", DEVICE),
        CLASS_COLUMN,
        Label("site", SITE),
        Value(
            over_time("avg", c.SNMP_RESPONSE, *_HERE, window="1h").max(*_BY),
            Text("Nay", "Now"),
            plain(c.SNMP_RESPONSE),
            width=90,
        ),
        Value(
            over_time("avg", c.SNMP_RESPONSE, *_HERE, window="1h")
            .max(*_BY)
            .over(
                over_time("avg", c.SNMP_RESPONSE, *_HERE, window="1h", offset="$__range").max(*_BY)
            ),
            _WORSE,
            Look(
                unit="ratio",
                decimals=0,
                steps=(Step(None, colours.GOOD), Step(1.5, colours.POOR), Step(3, colours.BAD)),
            ),
            width=150,
        ),
        sort_by=_WORSE,
        width=13,
        height=10,
    ),
    bars(
        Text("Ắc quy chạy được ngắn nhất", "Batteries that last least"),
        Text(
            "Bộ lưu điện chạy được bao lâu ở tải này, ngắn nhất đứng trước.",
            "How long each battery backup lasts at its load, the shortest first.",
        ),
        ask(now(c.BATTERY_RUNTIME, *_HERE).min("site", "device").bottom(12), "{{device}}"),
        look=replace(expected(c.BATTERY_RUNTIME), least=0, most=3600),
        width=11,
        height=10,
    ),
)

_WEAR = row(
    Text("Hao mòn", "Wear"),
    bars(
        Text("Nóng nhất", "The hottest"),
        Text("Nhiệt độ cao nhất trong thời gian đang xem.", "The highest in the time shown."),
        ask(
            over_time("max", c.DEVICE_TEMPERATURE, *_HERE).max("site", "device").top(12),
            "{{device}}",
        ),
        look=replace(expected(c.DEVICE_TEMPERATURE), least=20, most=80),
        height=11,
    ),
    bars(
        Text("Nhiều lần khởi động lại nhất", "Most restarts"),
        Text("Số lần khởi động lại trong thời gian đang xem.", "Restarts in the time shown."),
        ask(
            changes("resets", c.DEVICE_UPTIME, *_HERE).max("site", "device").when("> 0").top(12),
            "{{device}}",
        ),
        look=replace(counted(colours.POOR, from_=2), least=0, most=10, nothing=_NONE),
        height=11,
    ),
    bars(
        Text("Cổng chập chờn nhất", "Ports that come and go"),
        Text(
            "Số lần cổng mất rồi có lại kết nối trong thời gian đang xem.",
            "How often a port lost or regained its link in the time shown.",
        ),
        ask(
            changes("changes", c.INTERFACE_UP, *_HERE)
            .max("site", "device", "interface")
            .when("> 0")
            .top(12),
            "{{device}} {{interface}}",
        ),
        look=replace(counted(colours.POOR, from_=4), least=0, most=20, nothing=_NONE),
        height=11,
    ),
    course(
        Text("Dòng laser lớn nhất", "The largest laser currents"),
        Text(
            "Laser già đi cần dòng lớn hơn; khi tăng nhanh thì sắp hỏng.",
            "An ageing laser needs more; when it rises fast, the end is near.",
        ),
        ask(
            now(c.OPTICAL_BIAS, *_HERE)
            .max("site", "device", "interface")
            .leaders(5, "device", "interface"),
            "{{device}} {{interface}}",
        ),
        look=plain(c.OPTICAL_BIAS),
    ),
    course(
        Text("Ắc quy nóng nhất", "The hottest batteries"),
        Text(
            "Cứ nóng thêm 10 °C, ắc quy chì già nhanh gấp đôi.",
            "Every 10 °C more halve the life of a lead battery.",
        ),
        ask(
            now(c.BATTERY_TEMPERATURE, *_HERE).max("site", "device").leaders(5, "device"),
            "{{device}}",
        ),
        look=expected(c.BATTERY_TEMPERATURE),
    ),
)

_PARK = row(
    Text("Có những gì", "What there is"),
    listing(
        Text("Thiết bị theo hãng và kiểu", "Devices by vendor and model"),
        Text(
            "Bao nhiêu máy mỗi kiểu: để biết mua dự phòng gì.",
            "How many there are of each model: what spares are worth having.",
        ),
        CLASS_COLUMN,
        Label("vendor", Text("Hãng", "Vendor")),
        Label("model", Text("Kiểu", "Model")),
        Value(
            now(c.DEVICE_INFO, *_HERE).count("class", "vendor", "model"), _NUMBER, Look(decimals=0)
        ),
        sort_by=_NUMBER,
        width=12,
        height=10,
    ),
    listing(
        Text("Chạy lâu nhất không khởi động lại", "Longest without a restart"),
        Text(
            "Máy chạy nhiều năm không nghỉ có thể không khởi động lại được sau khi mất điện.",
            "What has run for years may not come back after a power cut.",
        ),
        Label("device", DEVICE),
        CLASS_COLUMN,
        Label("site", SITE),
        Value(
            now(c.DEVICE_UPTIME, *_HERE).max(*_BY).top(30), _RUNS, Look(unit="seconds", decimals=0)
        ),
        sort_by=_RUNS,
        width=12,
        height=10,
    ),
)

BOARD = Board(
    name="ageing",
    title=Text("Thiết bị già đi", "Ageing"),
    about=Text(
        "Cái gì hao mòn: thay gì trước, cái gì đang kém dần.",
        "What wears out: what to replace first, and what has been getting worse.",
    ),
    choices=(SITES, CLASSES),
    top=(*_FIGURES, *_TOP),
    rows=(_WEAR, _PARK),
    marked=None,
    hours=30 * 24,
    refresh="15m",
)
