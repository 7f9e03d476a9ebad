"""Forms with files: `multipart/form-data` as browsers send it (RFC 7578), or plain fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from urllib.parse import parse_qs

from starlette.requests import Request

from collector.web.body import MAX_BODY_BYTES, read_body
from collector.web.problem import Problem
from telemetry.labels import clean_text

MAX_PARTS = 20
MAX_FILE_NAME = 80


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form. name: as its owner calls it, made safe to show; nothing is ever
    written under it.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in. files: only those that somebody has chosen."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field, empty when it is not there."""
        return self.fields.get(name, "")


async def read_form(request: Request, limit: int = MAX_BODY_BYTES) -> Form:
    """The form in the body; 413 when it is longer than `limit`, 400 when it is none."""
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    body = await read_body(request, limit)
    if header.get_content_type() != "multipart/form-data":
        fields = parse_qs(body.decode("utf-8", "replace"))
        return Form({name: values[0] for name, values in fields.items()})
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not 0 < len(boundary) <= 70:
        raise Problem(400, "The form does not say where its parts end.")
    return _parts(body, boundary.encode("utf-8", "replace"))


def _parts(body: bytes, boundary: bytes) -> Form:
    form = Form()
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise Problem(400, "The form breaks off.")
    if len(pieces) > MAX_PARTS:
        raise Problem(400, f"The form has more than {MAX_PARTS} parts.")
    for piece in pieces[:-1]:
        head, found, content = piece.partition(b"\r\n\r\n")
        if not found:
            raise Problem(400, "A part of the form has no end of its head.")
        header = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip("\r\n"))
        name = header.get_param("name", header="content-disposition")
        file_name = header.get_filename()
        if not isinstance(name, str):
            raise Problem(400, "A part of the form has no name.")
        if file_name is None:
            form.fields[name] = content.decode("utf-8", "replace")
        elif file_name or content:
            form.files[name] = Upload(_shown(file_name), content)
    return form


def _shown(file_name: str) -> str:
    """The last part of a path, whichever system it came from."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return clean_text(last, MAX_FILE_NAME) or "?"
