"""The command line `ltmon`: the only place that knows every part."""
