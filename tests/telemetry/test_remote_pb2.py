"""The generated protobuf code is what the schema says."""

from __future__ import annotations

from pathlib import Path

import grpc_tools
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

from telemetry import remote_pb2

ROOT = Path(__file__).parents[2]


def test_generated_code_is_not_stale(tmp_path: Path) -> None:
    """remote.proto, compiled now, describes the very messages that the committed file describes."""
    descriptors = tmp_path / "remote.descriptors"
    include = Path(grpc_tools.__file__).parent / "_proto"
    command = ["protoc", f"-I{ROOT}", f"-I{include}", f"--descriptor_set_out={descriptors}"]
    assert protoc.main([*command, "telemetry/remote.proto"]) == 0
    (compiled,) = descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file
    committed = descriptor_pb2.FileDescriptorProto()
    remote_pb2.DESCRIPTOR.CopyToProto(committed)
    for message in compiled.message_type:
        for field in message.field:
            field.ClearField("json_name")
    assert compiled == committed


def test_the_type_stubs_name_every_message() -> None:
    """remote_pb2.pyi is of the same schema."""
    stubs = (ROOT / "telemetry" / "remote_pb2.pyi").read_text()
    for name, message in remote_pb2.DESCRIPTOR.message_types_by_name.items():
        assert f"class {name}(_message.Message):" in stubs
        assert all(f"    {field.name}: " in stubs for field in message.fields)
