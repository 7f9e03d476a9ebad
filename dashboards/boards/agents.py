"""The system about itself: do the offices report, does the collector judge, do messages go out."""

from __future__ import annotations

from dashboards import colours
from dashboards.board import Board
from dashboards.expression import Filter, increase, like, now, rate
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, counted, limit_of, plain, silence
from dashboards.panel import ask
from dashboards.panels import course, figure
from dashboards.table import Label, Value, listing
from dashboards.variables import AGENTS
from dashboards.words import Named
from telemetry import catalogue as c

_AGENT: Filter = like("agent", "$agent")
_SILENT = f"> {limit_of('agent_silent').for_seconds:g}"
_UNSENT = "given_up.*"
"""Outcomes of messages that nobody will ever get; what failed once is tried again."""

_NONE = Text("Không có lỗi nào", "No failures")
_NEWEST = Text("Số đo mới nhất từ", "Newest measurement")

_FIGURES = (
    figure(
        Text("Tác tử im lặng", "Silent agents"),
        Text(
            "Tác tử không gửi gì về quá lâu: mất điện, đứt đường truyền hoặc máy hỏng.",
            "Agents from which nothing has come for too long: no power, no line, or a dead machine.",
        ),
        ask(
            now(c.AGENT_WATERMARK).below_now().when(_SILENT).count().otherwise(0),
            "silent",
        ),
        counted(colours.BAD),
    ),
    figure(
        Text("Đánh giá lần cuối", "Judged last"),
        Text(
            "Bộ thu đánh giá lần cuối cách đây bao lâu; hơn hai phút là bộ thu đứng.",
            "How long ago the collector judged; more than two minutes and it stands still.",
        ),
        ask(now(c.LTMON_WATCHDOG).below_now(), "age"),
        silence(),
    ),
    figure(
        Text("Mẫu đo mỗi giây", "Samples per second"),
        Text("Bộ thu nhận bao nhiêu mẫu đo mỗi giây.", "What the collector accepts per second."),
        ask(rate(c.LTMON_INGEST_SAMPLES), "samples"),
        Look(decimals=0),
        course=True,
    ),
    figure(
        Text("Mẫu đo bị từ chối", "Samples turned away"),
        Text(
            "Mẫu đo hoặc yêu cầu bị từ chối trong thời gian đang xem.",
            "Samples or requests turned away in the time shown.",
        ),
        ask(increase(c.LTMON_INGEST_REJECTED).sum().otherwise(0), "rejected"),
        counted(colours.POOR),
    ),
    figure(
        Text("Mẫu đo bị mất", "Samples lost"),
        Text(
            "Mẫu đo mà tác tử phải bỏ vì bộ đệm đầy trong thời gian đang xem.",
            "What agents had to give up because their buffers were full, in the time shown.",
        ),
        ask(increase(c.AGENT_BUFFER_DROPPED).sum().otherwise(0), "dropped"),
        counted(colours.BAD),
    ),
    figure(
        Text("Tin nhắn không gửi được", "Messages that failed"),
        Text(
            "Tin nhắn không đến được người nhận trong thời gian đang xem.",
            "Messages that did not reach their person in the time shown.",
        ),
        ask(increase(c.LTMON_NOTIFICATIONS, like("outcome", _UNSENT)).sum().otherwise(0), "failed"),
        counted(colours.BAD),
    ),
)

_ENDED = Look(
    words=(
        Named(0, Text("đột ngột", "cut off"), colours.POOR),
        Named(1, Text("đúng cách", "in order"), colours.GOOD),
    )
)

_TABLE = listing(
    Text("Từng tác tử", "Agent by agent"),
    Text(
        "Số đo mới nhất cách đây bao lâu, còn bao nhiêu mẫu chờ gửi, máy chạy từ bao giờ, lần trước "
        "dừng ra sao.",
        "How old its newest measurement is, what waits to be sent, since when it runs, and how it ended "
        "the last time.",
    ),
    Label("agent", Text("Tác tử", "Agent")),
    Value(
        now(c.AGENT_WATERMARK, _AGENT).max("agent").below_now(),
        _NEWEST,
        silence(),
        width=120,
        filled=True,
    ),
    Value(
        now(c.AGENT_BUFFER_SAMPLES, _AGENT).max("agent"),
        Text("Mẫu chờ gửi", "Samples waiting"),
        Look(decimals=0),
        width=120,
    ),
    Value(
        now(c.AGENT_START_TIMESTAMP, _AGENT).max("agent").below_now(),
        Text("Tác tử chạy được", "Agent runs for"),
        Look(unit="seconds", decimals=1),
        width=130,
    ),
    Value(
        now(c.AGENT_BOOT_TIMESTAMP, _AGENT).max("agent").below_now(),
        Text("Máy chạy được", "Machine runs for"),
        Look(unit="seconds", decimals=1),
        width=130,
    ),
    Value(
        now(c.AGENT_LAST_STOP_CLEAN, _AGENT).min("agent"),
        Text("Tác tử dừng lần trước", "Agent stopped last"),
        _ENDED,
        width=130,
    ),
    Value(
        now(c.AGENT_LAST_SHUTDOWN_CLEAN, _AGENT).min("agent"),
        Text("Máy tắt lần trước", "Machine went off last"),
        _ENDED,
        width=130,
    ),
    sort_by=_NEWEST,
    width=15,
    height=10,
)

_VERSIONS = listing(
    Text("Phiên bản", "Versions"),
    Text("Bao nhiêu tác tử chạy phiên bản nào.", "How many agents run which version."),
    Label("version", Text("Phiên bản", "Version")),
    Value(now(c.AGENT_INFO, _AGENT).count("version"), Text("Tác tử", "Agents"), Look(decimals=0)),
    width=9,
    height=10,
)

_OFFICES = row(
    Text("Các tác tử", "Agents"),
    course(
        Text("Mẫu đo chờ gửi", "Samples waiting"),
        Text(
            "Khi đường truyền đứt, mẫu đo nằm lại trên đĩa của tác tử; khi nối lại thì được gửi bù.",
            "While a line is cut, samples stay on the agent's disk; afterwards they are sent.",
        ),
        ask(now(c.AGENT_BUFFER_SAMPLES, _AGENT).max("agent").leaders(6, "agent"), "{{agent}}"),
        look=Look(decimals=0, least=0),
        width=8,
    ),
    course(
        Text("Bộ đệm trên đĩa", "Buffer on disk"),
        Text("Kích thước bộ đệm của tác tử.", "The size of the agent's buffer."),
        ask(now(c.AGENT_BUFFER_BYTES, _AGENT).max("agent").leaders(6, "agent"), "{{agent}}"),
        look=plain(c.AGENT_BUFFER_BYTES),
        width=8,
    ),
    course(
        Text("Mẫu cũ nhất chờ gửi từ", "Oldest sample waiting"),
        Text(
            "Mẫu cũ nhất đang chờ được đo cách đây bao lâu.",
            "How long ago the oldest waiting sample was measured.",
        ),
        ask(
            now(c.AGENT_BUFFER_OLDEST, _AGENT).max("agent").below_now().leaders(6, "agent"),
            "{{agent}}",
        ),
        look=Look(unit="seconds"),
        width=8,
    ),
    course(
        Text("Gửi không được", "Pushes that failed"),
        Text(
            "Số lần gửi không được trong năm phút, theo lý do.", "Within five minutes, by reason."
        ),
        ask(
            increase(c.AGENT_PUSH_FAILURES, _AGENT, window="5m").sum("agent", "reason").when("> 0"),
            "{{agent}}: {{reason}}",
        ),
        look=Look(decimals=0, least=0, nothing=_NONE),
        width=8,
    ),
    course(
        Text("Kiểm tra bắt đầu trễ", "Checks begin late by"),
        Text(
            "Phép kiểm tra mới nhất bắt đầu trễ bao lâu: máy quá tải thì trễ nhiều.",
            "How late the latest check began: an overloaded machine is late.",
        ),
        ask(now(c.AGENT_CHECK_LATENESS, _AGENT).max("agent").leaders(6, "agent"), "{{agent}}"),
        look=plain(c.AGENT_CHECK_LATENESS),
        width=8,
    ),
    course(
        Text("Kiểm tra bị bỏ, trap bị từ chối", "Checks left out, traps refused"),
        Text(
            "Phép kiểm tra bị bỏ vì phép trước chưa xong; thông báo SNMP không đáng tin.",
            "Checks left out because the one before still ran; SNMP notifications not believed.",
        ),
        ask(
            increase(c.AGENT_CHECKS_SKIPPED, _AGENT, window="5m").sum("check"),
            Text("bỏ {{check}}", "skipped {{check}}"),
        ),
        ask(
            increase(c.AGENT_TRAPS_REFUSED, _AGENT, window="5m").sum("reason"),
            Text("trap: {{reason}}", "trap: {{reason}}"),
        ),
        look=Look(decimals=0, least=0),
        width=8,
    ),
    course(
        Text("Ping gửi và nhận", "Pings sent and answered"),
        Text("Của mọi tác tử cộng lại, mỗi giây.", "Of all agents together, per second."),
        ask(rate(c.ICMP_PACKETS_SENT, _AGENT).sum(), Text("gửi", "sent"), colours.PLANNED),
        ask(
            rate(c.ICMP_PACKETS_RECEIVED, _AGENT).sum(),
            Text("có trả lời", "answered"),
            colours.GOOD,
        ),
        look=Look(unit="packets_per_second", least=0),
    ),
    course(
        Text("Lỗi kiểm tra theo lý do", "Failed checks by reason"),
        Text("Của mọi tác tử, trong năm phút.", "Of all agents, within five minutes."),
        ask(
            increase(c.CHECK_FAILURES, _AGENT, window="5m").sum("check", "reason").when("> 0"),
            "{{check}}: {{reason}}",
        ),
        look=Look(decimals=0, least=0, nothing=_NONE),
        stacked=True,
    ),
)

_COLLECTOR = row(
    Text("Bộ thu", "Collector"),
    course(
        Text("Từ chối theo lý do", "Turned away by reason"),
        Text("Mẫu đo hoặc yêu cầu bị từ chối mỗi giây.", "Samples or requests per second."),
        ask(rate(c.LTMON_INGEST_REJECTED), "{{reason}}"),
        look=Look(unit="per_second", least=0),
        width=6,
    ),
    course(
        Text("Tin nhắn", "Messages"),
        Text("Tin nhắn trong năm phút, theo kênh và kết quả.", "Within five minutes."),
        ask(increase(c.LTMON_NOTIFICATIONS, window="5m"), "{{channel}}: {{outcome}}"),
        look=Look(decimals=0, least=0),
        width=6,
    ),
    course(
        Text("Chờ chuyển sang kho khác", "Waiting for other stores"),
        Text(
            "Số mục nhật ký mà từng kho (Prometheus, VictoriaMetrics …) chưa nhận.",
            "Journal entries that each store (Prometheus, VictoriaMetrics …) has yet to take.",
        ),
        ask(now(c.LTMON_FORWARD_PENDING), "{{store}}"),
        look=Look(decimals=0, least=0),
        width=6,
    ),
    course(
        Text("Kho không nhận", "Stores that fail"),
        Text(
            "Lần ghi vào kho bị lỗi trong năm phút, theo lý do; refused: kho từ chối hẳn.",
            "Failed writes within five minutes, by reason; refused: given up for good.",
        ),
        ask(increase(c.LTMON_FORWARD_FAILURES, window="5m"), "{{store}}: {{reason}}"),
        look=Look(decimals=0, least=0),
        width=6,
    ),
)

BOARD = Board(
    name="agents",
    title=Text("Tác tử và bộ thu", "Agents and collector"),
    about=Text(
        "Hệ thống tự theo dõi mình: nơi nào báo về, bộ thu có đánh giá, tin có đi.",
        "The system about itself: who reports, whether it judges, whether messages go out.",
    ),
    choices=(AGENTS,),
    top=(*_FIGURES, _TABLE, _VERSIONS),
    rows=(_OFFICES, _COLLECTOR),
)
