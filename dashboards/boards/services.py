"""What citizens and clerks use: pages, names, certificates, connections."""

from __future__ import annotations

from dataclasses import replace

from dashboards.board import Board
from dashboards.expression import IN_SITES, equal, now
from dashboards.health import state_code
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, expected, plain, worded
from dashboards.panel import ask
from dashboards.panels import bars, course, tiles, timeline
from dashboards.shared import findings_table
from dashboards.table import Label, Value, listing
from dashboards.variables import SITES
from dashboards.words import STATES, YES_GOOD
from telemetry import catalogue as c

_SERVICES = (IN_SITES, equal("class", "service"))
_THEIRS = now(c.DEVICE_HEALTH, *_SERVICES)
_STATES = tuple(STATES.values())
_SERVICE = Text("Dịch vụ", "Service")
_FROM = Text("Đo từ", "Seen from")
_BY = ("device", "site")

_TILES = tiles(
    Text("Các dịch vụ, dịch vụ có lỗi đứng trước", "Services, the ill first"),
    Text("Mỗi ô là một dịch vụ.", "Each tile is a service."),
    ask(state_code(c.DEVICE_HEALTH, *_SERVICES, by=("site", "device")).falling(), "{{device}}"),
    look=worded(_STATES),
    width=14,
    height=7,
)

_PAGES = row(
    Text("Trang web", "Pages"),
    course(
        Text("Sáu trang mở chậm nhất", "The six slowest pages"),
        Text(
            "Tất cả các bước cộng lại, từ từng nơi đo.",
            "All phases together, from each place that measures.",
        ),
        ask(now(c.HTTP_RESPONSE, *_SERVICES).sum(*_BY).leaders(6, *_BY), "{{device}} ← {{site}}"),
        look=expected(c.HTTP_RESPONSE),
    ),
    course(
        Text("Thời gian mất ở bước nào", "Where the time goes"),
        Text(
            "Trung bình mọi trang, theo bước: tìm tên, nối, mã hoá, chờ, tải.",
            "The slowest page's phases: name, connection, encryption, waiting, loading.",
        ),
        ask(now(c.HTTP_RESPONSE, *_SERVICES).max("phase"), "{{phase}}"),
        look=plain(c.HTTP_RESPONSE),
        stacked=True,
    ),
    listing(
        Text("Trang trả lời gì", "What the pages answer"),
        Text(
            "Mã trả lời của trang, và trang có chứa nội dung phải có không.",
            "The status code, and whether the page shows what it should.",
        ),
        Label("device", _SERVICE),
        Label("site", _FROM),
        Value(
            now(c.HTTP_STATUS_CODE, *_SERVICES).max(*_BY),
            Text("Mã trả lời", "Status code"),
            Look(unit="plain", decimals=0),
        ),
        Value(
            now(c.HTTP_CONTENT_OK, *_SERVICES).min(*_BY),
            Text("Đúng nội dung", "Right content"),
            worded(YES_GOOD),
        ),
        width=12,
    ),
    timeline(
        Text("Các phép kiểm tra dịch vụ", "Checks of the services"),
        Text("Mỗi dải là một phép kiểm tra từ một nơi.", "Each band is a check from one place."),
        ask(now(c.CHECK_UP, *_SERVICES).min("device", "check"), "{{device}} {{check}}"),
        look=worded(YES_GOOD),
        width=12,
    ),
)

_NAMES = row(
    Text("Chứng chỉ, tên miền, kết nối", "Certificates, names, connections"),
    bars(
        Text("Chứng chỉ còn hạn (ngày)", "Certificates are valid for (days)"),
        Text(
            "Số ngày còn lại, sắp hết hạn đứng trước. Xin gia hạn mất hai tuần.",
            "Days left, the next to expire first. A renewal takes two weeks.",
        ),
        ask(
            now(c.TLS_NOT_AFTER, *_SERVICES)
            .min("device")
            .beyond_now()
            .times(1 / 86_400, "plain")
            .rising(),
            "{{device}}",
        ),
        look=replace(
            expected("tls_certificate_days_left", unit="plain"), least=0, most=90, decimals=0
        ),
        width=6,
    ),
    course(
        Text("Tìm tên trong", "Names are resolved in"),
        Text("Thời gian đến khi có trả lời DNS.", "Until the DNS answer."),
        ask(now(c.DNS_RESPONSE, *_SERVICES), "{{device}} ← {{site}}"),
        look=expected(c.DNS_RESPONSE),
        width=6,
    ),
    timeline(
        Text("Tên trỏ đúng", "Names resolve correctly"),
        Text("Trả lời DNS có đúng không.", "Whether the DNS answer is the expected one."),
        ask(now(c.DNS_ANSWER_OK, *_SERVICES).min("device"), "{{device}}"),
        look=worded(YES_GOOD),
        width=6,
    ),
    course(
        Text("Kết nối TCP trong", "TCP connects in"),
        Text("Thời gian thiết lập kết nối.", "The time to set up the connection."),
        ask(now(c.TCP_CONNECT, *_SERVICES), "{{device}} ← {{site}}"),
        look=expected(c.TCP_CONNECT),
        width=6,
    ),
)

BOARD = Board(
    name="services",
    title=Text("Dịch vụ", "Services"),
    about=Text(
        "Những gì người dân và cán bộ dùng: trang web, tên miền, chứng chỉ, kết nối.",
        "What citizens and clerks use: pages, names, certificates, connections.",
    ),
    choices=(SITES,),
    top=(_TILES, findings_table(IN_SITES, about=_THEIRS, width=10, height=7)),
    rows=(_PAGES, _NAMES),
)
