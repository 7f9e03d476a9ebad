"""How well the judge of a series against its own past judges, on series with labelled windows."""
