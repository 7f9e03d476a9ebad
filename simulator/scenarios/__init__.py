"""Weeks of a district with ground truth, in event time and without sockets.

`weeks.Weeks(seed, days, devices)` yields what the agents would have pushed, batch by
batch, and knows what was truly wrong (`truths`) and what only looked so (`innocents`). The same seed
gives the same samples. The demo's timetable, which breaks real sockets, is `simulator/scenario.py`.
"""
