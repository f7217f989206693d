"""Compare evdose's estimators with the R packages themselves, on the same data in one run.

metafor, DoseFinding and brglm2 run in one R process (peers.R) on the reference sets and on 50 simulated ones;
the numbers of both sides are compared, and their times. Run `make peers`; it writes benchmarks/peers.csv.
Numbers are compared between converged fits; the packages' times are those of their default settings.
"""

from __future__ import annotations

import os

os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / folder) for folder in ("scripts", "tests", "benchmarks")]

from peer_data import data_sets  # noqa: E402
from peer_offers import ours  # noqa: E402

from places import REFERENCE  # noqa: E402

TABLE = PROJECT / "benchmarks/peers.csv"
ROUNDS = 7
DEBIAN = "r-base-core, r-cran-metafor, r-cran-dosefinding and r-cran-brglm2"
FLOOR = 1e-6  # what numbers nearer to zero are divided by in a relative difference
NOTES = {
    "rma.mv": "the largest relative difference is that of a variance at zero",
    "MCTtest: critical value": "the peer's is Monte Carlo, about three digits",
    "MCTtest: adjusted p": "the peer's are Monte Carlo, right to some 1e-5 absolute",
    "fitMod logistic: coefficients": "a set without any effect doesn't determine them",
    "fitMod sigEmax: coefficients": "sets without an effect, or with steps only, don't determine them",
    "brglmFit": "evdose's time includes profile-likelihood intervals and tests, which the peer lacks",
    "rma.glmm": "the peer stops short of the summit, or fails (refused)",
}


class PeersAbsentError(Exception):
    """R or one of the packages isn't there; the message says what to install."""


def theirs(data: dict[str, pd.DataFrame], rounds: int) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Numbers and median times of the R packages, as :func:`ours` gives them, and what R says of itself.

    Raises:
        PeersAbsentError: Rscript or a package isn't installed.
    """
    if shutil.which("Rscript") is None:
        raise PeersAbsentError(f"Rscript isn't installed; on Debian: {DEBIAN}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, table in data.items():
            table.to_csv(Path(folder) / f"{kind}.csv", index=False)
        command = ["Rscript", str(PROJECT / "benchmarks/peers.R"), folder, str(rounds)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode == 3:
            raise PeersAbsentError(f"R lacks packages ({ran.stdout.strip()}); on Debian: {DEBIAN}")
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        return (*(pd.read_csv(Path(folder) / f"{name}.csv") for name in ("numbers", "seconds")), ran.stdout)


def compare(data: dict[str, pd.DataFrame], rounds: int = ROUNDS) -> tuple[pd.DataFrame, str]:
    """A row a method: number of comparisons, largest differences and where, seconds and their ratio."""
    their_numbers, their_seconds, said = theirs(data, rounds)
    our_numbers, our_seconds = ours(data, rounds)
    both = their_numbers.merge(our_numbers, on=["method", "set", "quantity"], suffixes=("_peer", "_evdose"))
    a, b = both["value_evdose"], both["value_peer"]
    both["absolute"] = (a - b).abs()
    both["relative"] = both["absolute"] / np.maximum(np.maximum(a.abs(), b.abs()), FLOOR)
    seconds = their_seconds.merge(our_seconds, on=["method", "set"], suffixes=("_peer", "_evdose"))
    rows = []
    for method, by_set in their_numbers.groupby("method", sort=False):
        compared = both[both["method"] == method]
        taken = seconds[seconds["method"] == method][["seconds_evdose", "seconds_peer"]].sum()
        worst = compared.loc[compared["relative"].idxmax()] if len(compared) else {"relative": 0.0}
        rows.append(
            {
                "method": method,
                "sets": compared["set"].nunique(),
                "comparisons": len(compared),
                "largest_absolute": compared["absolute"].max(),
                "largest_relative": compared["relative"].max(),
                "where": f"{worst['set']}, {worst['quantity']}" if worst["relative"] else "",
                "refused": by_set["set"].nunique() - compared["set"].nunique(),
                "evdose_seconds": taken["seconds_evdose"],
                "peer_seconds": taken["seconds_peer"],
                "time_ratio": taken["seconds_evdose"] / (taken["seconds_peer"] or np.nan),
                "note": next((note for start, note in NOTES.items() if method.startswith(start)), ""),
            }
        )
    return pd.DataFrame(rows), said


def main() -> None:
    """Compare, print and write the table."""
    folder = REFERENCE / "reference"
    data = data_sets(folder if folder.is_dir() else None)
    try:
        table, said = compare(data)
    except PeersAbsentError as absent:
        raise SystemExit(str(absent)) from None
    table.to_csv(TABLE, index=False, float_format="%.3g", lineterminator="\n")
    print(said.strip())
    print(f"{sum(table['set'].nunique() for table in data.values())} data sets")
    print(table.to_string(index=False, float_format="{:.3g}".format))


if __name__ == "__main__":
    main()
