"""Mean and standard deviation of an arm: as printed, worked back exactly, or estimated.

Tried in this order: the SD as printed; from the standard error; from the 95 % interval of the mean; from the
t statistic of the difference from the control. These are algebra and count as printed. Only where they fail,
estimates that rest on an assumption, and are marked: mean and SD from the median with quartiles or range
(values roughly normal), or the SD from a p-value against the control (a t test).
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from evdose.modelling.estimators.dispersion import (
    sd_from_interval,
    sd_from_p_value,
    sd_from_standard_error,
    sd_from_t,
)
from evdose.modelling.estimators.medians import Quantiles, mean_and_sd

_HANDBOOK = "Cochrane Handbook 6.5.2"
_TESTS = {
    "t_value": (sd_from_t, "t statistic"),
    "p_value": (sd_from_p_value, "p-value, assumed to be of a t test"),
}


class ArmMoments(NamedTuple):
    """Mean and SD of an arm; what they came from, as text; how, unless as printed; whether estimated."""

    mean: float
    sd: float
    numbers: str
    how: str
    estimated: bool


def moments_of_arms(arm: dict, control: dict) -> tuple[ArmMoments, ArmMoments] | None:
    """Moments of a treated arm and its control, from their rows; None where the numbers don't suffice."""
    exact = _as_printed(arm), _as_printed(control)
    if all(exact):
        return exact
    by_t = _by_test(arm, control, "t_value")
    if by_t:
        return by_t
    estimated = exact[0] or _from_quantiles(arm), exact[1] or _from_quantiles(control)
    if all(estimated):
        return estimated
    return _by_test(arm, control, "p_value") if _has_own_p_value(arm) else None


def _as_printed(row: dict) -> ArmMoments | None:
    """Printed mean and SD, or the SD by exact algebra from a printed standard error or interval."""
    if not _known(row, "mean") or not row["n"] > 1:
        return None
    mean, n = row["mean"], row["n"]
    if _known(row, "sd"):
        numbers = f"{mean:g} (SD {row['sd']:g}, n {n})"
        return ArmMoments(mean, row["sd"], numbers, "", False) if row["sd"] > 0 else None
    if _known(row, "se"):
        sd = float(sd_from_standard_error(row["se"], n))
        numbers = f"{mean:g} (SE {row['se']:g}, n {n}; SD {sd:.4g})"
        return ArmMoments(mean, sd, numbers, f"SD from the standard error ({_HANDBOOK})", False)
    if _known(row, "ci_low", "ci_high"):
        low, high = row["ci_low"], row["ci_high"]
        try:
            sd = float(sd_from_interval(mean, low, high, n))
        except ValueError:
            return None
        numbers = f"{mean:g} (95 % CI {low:g} to {high:g}, n {n}; SD {sd:.4g})"
        return ArmMoments(mean, sd, numbers, f"SD from the interval of the mean ({_HANDBOOK})", False)
    return None


def _from_quantiles(row: dict) -> ArmMoments | None:
    if not _known(row, "median"):
        return None
    given = Quantiles(row["n"], *(row[name] for name in ("median", "q1", "q3", "minimum", "maximum")))
    try:
        mean, sd, source = mean_and_sd(given)
    except ValueError:
        return None
    spread = [
        f"{name} {row[low]:g} to {row[high]:g}"
        for name, low, high in (("quartiles", "q1", "q3"), ("range", "minimum", "maximum"))
        if _known(row, low, high)
    ]
    numbers = f"median {row['median']:g} ({', '.join(spread)}, n {row['n']}; mean {mean:.4g}, SD {sd:.4g})"
    return ArmMoments(mean, sd, numbers, f"{source}, values assumed roughly normal", True)


def _by_test(arm: dict, control: dict, name: str) -> tuple[ArmMoments, ArmMoments] | None:
    """Both arms with the pooled SD that a printed test of the difference of their means implies."""
    if not _known(arm, "mean", name) or not _known(control, "mean"):
        return None
    sd_from, called = _TESTS[name]
    try:
        sd = float(sd_from(arm["mean"] - control["mean"], arm[name], arm["n"], control["n"]))
    except ValueError:
        return None
    how, estimated = f"pooled SD from the {called} ({_HANDBOOK})", name == "p_value"
    of_arm, of_control = (f"{row['mean']:g} (n {row['n']})" for row in (arm, control))
    of_control += f"; {name[0]} {arm[name]:g}, pooled SD {sd:.4g}"
    return (
        ArmMoments(arm["mean"], sd, of_arm, how, estimated),
        ArmMoments(control["mean"], sd, of_control, how, estimated),
    )


def _has_own_p_value(arm: dict) -> bool:
    """Whether a p-value against the control is printed as a number, not only as a bound."""
    return _known(arm, "p_value") and arm["p_value_against"] == "control" and not arm["p_value_is_bound"]


def _known(row: dict, *names: str) -> bool:
    return all(pd.notna(row[name]) for name in names)
