"""Log lines of the agent: a constant message and key=value fields, one line each, safe to print."""

from __future__ import annotations

import json
import logging
import time

from telemetry.labels import clean_text

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


class FieldFormatter(logging.Formatter):
    """Renders `log.info("message", extra={"device": …})` as one line; tracebacks become a field."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: time in UTC, level, message, then every field of `extra` in the order given."""
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        words = [f"{key}={_shown(value)}" for key, value in fields.items()]
        if record.exc_info:
            words.append(f"traceback={json.dumps(self.formatException(record.exc_info))}")
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return " ".join([moment, record.levelname.lower(), clean_text(record.getMessage()), *words])


def _shown(value: object) -> str:
    text = clean_text(str(value))
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & set(' ="\\') else text
