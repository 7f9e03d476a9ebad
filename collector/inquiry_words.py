"""What an inquiry concludes, in one sentence: who told it, and how sure that is."""

from __future__ import annotations

from collector.testimony import MachineEnd, Sureness, Testimony, how_sure
from collector.words import N_, Sentence

_POWER = {
    Sureness.ALMOST: N_(
        "{count} devices there had started anew: almost certainly the power was out."
    ),
    Sureness.PROBABLY: N_(
        "{count} devices there had started anew, {others} ran on: probably the power was out."
    ),
    Sureness.PERHAPS: N_(
        "{count} devices there had started anew, {others} ran on: perhaps the power was out."
    ),
}
_POWER_AND_MACHINE = {
    MachineEnd.CUT_OFF: N_(
        "{count} devices there had started anew, the measuring computer, too, without having been shut "
        "down: almost certainly the power was out."
    ),
    MachineEnd.SHUT_DOWN: N_(
        "{count} devices there had started anew, but the measuring computer had been shut down in order: "
        "probably the power was out and its battery lasted that long."
    ),
}
_BOX = {
    Sureness.ALMOST: N_(
        "It had started anew, others there ran on: almost certainly it was off itself."
    ),
    Sureness.PROBABLY: N_("It had started anew: probably it was off, or hung."),
    Sureness.PERHAPS: N_(
        "It had started anew, but so had others there: perhaps it was off itself."
    ),
}
_LINE = {
    Sureness.ALMOST: N_(
        "It ran all the while without a restart, and so did others there: almost certainly the line was "
        "cut."
    ),
    Sureness.PROBABLY: N_("It ran all the while without a restart: probably the line was cut."),
    Sureness.PERHAPS: N_(
        "It ran all the while without a restart, though others there had started anew: perhaps the line "
        "was cut."
    ),
}
_SHUT_DOWN = {
    Sureness.ALMOST: N_(
        "The measuring computer had been shut down in order, others there ran on: almost certainly "
        "somebody switched it off, and the power was not out."
    ),
    Sureness.PROBABLY: N_(
        "The measuring computer had been shut down in order: probably somebody switched it off, and the "
        "power was not out."
    ),
    Sureness.PERHAPS: N_(
        "The measuring computer had been shut down in order, but others there had started anew: perhaps "
        "somebody switched it off."
    ),
}
_CUT_OFF = {
    Sureness.ALMOST: N_(
        "The measuring computer went off without being shut down, others there ran on: almost certainly "
        "it lost its own power, or hung."
    ),
    Sureness.PROBABLY: N_(
        "The measuring computer went off without being shut down: probably it lost its power, or hung."
    ),
    Sureness.PERHAPS: N_(
        "The measuring computer went off without being shut down, as did another there: perhaps the power "
        "was out."
    ),
}
_PROGRAM = {
    True: N_("The measuring program was stopped and started in order, its computer ran on."),
    False: N_("The measuring program broke off and was started anew, its computer ran on."),
    None: N_("The measuring program had started anew, its computer ran all the while."),
}


def power(heard: Testimony, own: bool) -> Sentence:
    """Several went off together. own: the one asked about told so, too."""
    agree, against = heard.anew + own, heard.contradict_power
    values = {"count": str(heard.anew), "others": str(heard.ran_on)}
    sure = how_sure(agree, against)
    if heard.machine is MachineEnd.CUT_OFF and sure is Sureness.ALMOST:
        return Sentence(_POWER_AND_MACHINE[MachineEnd.CUT_OFF], values)
    if heard.machine is MachineEnd.SHUT_DOWN and not heard.ran_on:
        return Sentence(_POWER_AND_MACHINE[MachineEnd.SHUT_DOWN], values)
    return Sentence(_POWER[sure], values)


def box(heard: Testimony) -> Sentence:
    """It started anew by itself."""
    return Sentence(_BOX[how_sure(1 + heard.ran_on, heard.anew)])


def line(heard: Testimony) -> Sentence:
    """It ran on."""
    return Sentence(_LINE[how_sure(1 + heard.ran_on, heard.anew)])


def machine(end: MachineEnd, heard: Testimony) -> Sentence:
    """The measuring computer alone was off. heard: what the others there tell."""
    sure = how_sure(1 + heard.ran_on, heard.anew)
    if end is MachineEnd.SHUT_DOWN:
        return Sentence(_SHUT_DOWN[sure])
    if end is MachineEnd.CUT_OFF:
        return Sentence(_CUT_OFF[sure])
    return Sentence(N_("The measuring computer had been off: it started anew."))


def program(stopped_in_order: bool | None) -> Sentence:
    """The measuring program alone was off."""
    return Sentence(_PROGRAM[stopped_in_order])
