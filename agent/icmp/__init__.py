"""Echo requests to many hosts over one socket per address family, timed by the kernel.

`engine.Engine` is what others use; `packets`, `flight` and `burst` are pure, `sockets` is the
thin shell around the kernel.
"""
