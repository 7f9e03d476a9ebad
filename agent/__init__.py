"""The agent at an office: asks the equipment, keeps every result on disk, sends them on."""
