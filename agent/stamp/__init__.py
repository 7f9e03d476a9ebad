"""The path that a call would take, measured by STAMP (RFC 8762) between two agents.

`packets` and `figures` are pure; `sockets` is the thin shell around the kernel; `sender` sends a
burst, `reflection` decides what is answered, `reflector` answers.
"""
