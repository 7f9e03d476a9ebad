"""The language on the wire: samples, the catalogue of metrics, remote-write. No I/O."""
