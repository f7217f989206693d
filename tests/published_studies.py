"""Made-up published studies for the tests of effects, safety and synthesis."""

import pandas as pd

from evdose.dosing.tables import DOSES, ROUTES
from evdose.modelling.evidence import with_arms
from evdose.records.tables import ARMS, OUTCOMES
from evdose.tables import frame_of

MODELS = {
    "confidence": 0.95,
    "pre_post_correlation": 0.5,
    "alternative_correlations": [0.3, 0.7],
    "min_studies_pooling": 2,
    "min_studies_small_study_effects": 10,
    "min_trials_route_shift": 2,
    "min_trials_trend": 10,
    "min_trials_effective_range": 5,
    "permutations": 999,
    "bootstrap_samples": 199,
    "imputations": 5,
    "range_share_of_peak": 0.9,
    "mcp_mod": {
        "alpha": 0.025,
        "target_share": 0.9,
        "candidates": [
            {"shape": "linear"},
            {"shape": "emax", "ed50": 0.2},
            {"shape": "quadratic", "peak": 0.6},
        ],
    },
    "power": {
        "widths": [1],
        "heights": [0.8],
        "participants_per_arm": 20,
        "heterogeneity": 0.2,
        "arms": [10, 40],
        "target": 0.8,
        "simulations": 20,
    },
    "primary_outcome_hierarchy": [
        "mortality",
        "clinical improvement",
        "function score",
        "pain",
        "imaging",
        "lab",
    ],
}
RULE = {"alpha": 0.05, "reported_p_values": True}

_OUTCOME = {
    "msc_derived": "yes",
    "ev_class": "extracellular_vesicle",
    "condition": "something",
    "design": "single-arm",
    "outcome": "death",
    "outcome_domain": "mortality",
    "kind": "binary",
    "change_from_baseline": False,
    "direction": "lower is better",
    "authors_call_effective": "unknown",
    "derived": False,
}


def outcomes(study: str, *rows: dict, **of_study) -> pd.DataFrame:
    """Table OUTCOMES of one study: its rows in the order of its file, arm 1 unless a row says otherwise."""
    return frame_of(
        [
            {"study_id": study, "arm": 1, "source_id": f"seeds/outcomes/{study}.yaml"}
            | {"locator": f"/outcomes/{place}"}
            | _OUTCOME
            | of_study
            | row
            for place, row in enumerate(rows)
        ],
        OUTCOMES,
    )


def arm_tables(study: str, roles: str, stratum: str = "intravenous", doses=(), n=()):
    """ARMS, ROUTES, DOSES of one study; ``roles`` by initials as 'eep'; doses in log10."""
    names = {"e": "experimental", "c": "control", "p": "placebo"}
    here = {"source_id": f"seeds/outcomes/{study}.yaml", "record_kind": "publication", "trial_id": study}
    arms = [
        here
        | {"arm": i, "label": f"arm {i}", "role": names[role], "locator": f"/arms/{i - 1}"}
        | ({"n": n[i - 1]} if n else {})
        for i, role in enumerate(roles, 1)
    ]
    treated = [arm["arm"] for arm in arms if arm["role"] == "experimental"]
    routes = [
        here
        | {"arm": arm, "number": 1, "stratum": stratum, "arm_stratum": stratum}
        | {"record_stratum": stratum, "status": "mapped"}
        | {"locator": f"/arms/{arm - 1}/route"}
        for arm in treated
    ]
    known = dict(zip(treated, doses, strict=False))
    read = [
        here
        | {"arm": arm, "level": 1, "administrations_status": "not_reported", "curated": False}
        | {"locator": f"/arms/{arm - 1}/dose", "particles_log10": known.get(arm), "particles_log10_sd": 0.0}
        | {"status": "exact" if arm in known else "not_reported"}
        | {"particles_via": "stated" if arm in known else "none"}
        for arm in treated
    ]
    return frame_of(arms, ARMS), frame_of(routes, ROUTES), frame_of(read, DOSES)


def evidence(*rows: dict, roles: str = "e", study: str = "Study2020", arms: dict | None = None, **of_study):
    """Evidence rows (``modelling.evidence.with_arms``) of one made-up study."""
    return with_arms(outcomes(study, *rows, **of_study), *arm_tables(study, roles, **(arms or {})))


def several(*studies: pd.DataFrame) -> pd.DataFrame:
    """The evidence of several studies together."""
    return pd.concat(studies, ignore_index=True)
