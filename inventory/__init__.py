"""What exists and what is expected of it: reads files, never the network. Ground floor 2."""
