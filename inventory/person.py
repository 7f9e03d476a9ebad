"""The people who are told."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from inventory.document import StrictModel
from inventory.fields import Slug, Text
from inventory.site import Language


class Reach(StrictModel):
    """One way to reach a person. channel: the kind, such as email; to: the address in that channel's form."""

    channel: Slug
    to: Annotated[Text, WithJsonSchema({"type": ["string", "integer"]})]


class Person(StrictModel):
    """Somebody who looks after the district. reach: in the order in which it should be tried."""

    id: Slug
    name: Text
    role: Slug
    language: Language = "vi"
    reach: tuple[Reach, ...] = ()
