"""Pages for people and an API for programs, over what the collector knows."""
