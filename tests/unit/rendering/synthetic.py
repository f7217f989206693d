"""Made-up tables of a scenario of any size, in the shape that the pipeline gives to rendering."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import beta

from evdose.dosing.tables import DOSES, ROUTES, STRATA
from evdose.modelling.tables import (
    CLAIM_VERDICTS,
    EFFECT_DIRECTION,
    EFFECTS,
    REGISTRATIONS,
    ROUTE_SHIFT,
    SAFETY,
    SYNTHESIS,
    TRENDS,
)
from evdose.records.tables import ARMS, OUTCOMES, TRIALS
from evdose.screening.tables import ELIGIBILITY_SWITCHES, PRISMA, SCREENING
from evdose.tables import empty, frame_of

sys.path.insert(0, str(Path(__file__).parent))
from synthetic_models import PRODUCTS, models_of

LONG = "Sequelae of coronavirus disease with persistent, treatment-refractory respiratory failure"
CONDITIONS = (LONG, "COVID-19 and ARDS", "Osteoarthritis", "Skin and wound", "Stroke", "Dry eye", "Other")
CELL_SOURCES = ("umbilical cord", "bone marrow", "adipose tissue", "placenta and amnion", "not stated")
PHASES = ("EARLY_PHASE1", "PHASE1", "PHASE1/PHASE2", "PHASE2", "PHASE3", "NA", None)
COUNTRIES = ("China", "United States", "Iran", "China; Republic of Korea", "Indonesia", None, "Jordan")
LAST_YEAR = 2026
_FILE = "seeds/trials/{}.yaml"


def tables_of(size: int, strata: tuple[str, ...] = STRATA, seed: int = 1) -> dict[str, pd.DataFrame]:
    """All tables of a scenario that includes ``size`` trials (and excludes some more)."""
    rng = np.random.default_rng([seed, size])
    trials = _trials(rng, size + size // 3)
    studies = _studies(rng, trials.head(size), strata)
    arms, routes, doses = map(pd.concat, zip(_arms(rng, trials, strata), _study_arms(studies), strict=True))
    screening = _screening(trials, size)
    made = {
        "trials": (trials, TRIALS),
        "arms": (arms, ARMS),
        "routes": (routes, ROUTES),
        "doses": (doses, DOSES),
        "screening": (screening, SCREENING),
        "prisma": (_prisma(screening), PRISMA),
        "registrations": (_registrations(trials.head(size), routes), REGISTRATIONS),
        "trends": (_trends(size), TRENDS),
        "effects": (_effects(rng, studies), EFFECTS),
        "synthesis": (_synthesis(studies), SYNTHESIS),
        "effect_direction": (_directions(rng, studies), EFFECT_DIRECTION),
        "safety": (_safety(rng, studies), SAFETY),
    }
    rest = {
        "outcomes": OUTCOMES,
        "eligibility_switches": ELIGIBILITY_SWITCHES,
        "route_shift": ROUTE_SHIFT,
        "claims": CLAIM_VERDICTS,
    }
    frames = {name: frame_of(frame.to_dict("records"), schema) for name, (frame, schema) in made.items()}
    return frames | {name: empty(schema) for name, schema in rest.items()} | models_of(size, frames, seed)


def _trials(rng: np.random.Generator, size: int) -> pd.DataFrame:
    rows = []
    for number in range(size):
        trial = f"NCT{4_000_000 + number * 7:08d}"
        year = int(np.clip(LAST_YEAR - rng.geometric(0.25) + 1, 2012, LAST_YEAR))
        known = rng.random() > 0.05
        rows.append(
            {
                "trial_id": trial,
                "registry": "ClinicalTrials.gov",
                "registered": True,
                "title": f"Trial {number} of {LONG}",
                "first_posted": f"{year}-06-15" if known else None,
                "first_posted_status": rng.choice(["exact", "inferred"]) if known else "unknown",
                "phase": PHASES[number % len(PHASES)],
                "study_type": "INTERVENTIONAL",
                "enrollment": int(rng.lognormal(3.4, 1)) if rng.random() > 0.1 else None,
                "condition_group": CONDITIONS[int(rng.integers(len(CONDITIONS)))],
                "countries": COUNTRIES[number % len(COUNTRIES)],
                "ev_class": "extracellular_vesicle",
                "product_line": PRODUCTS[number % len(PRODUCTS)],
                "cell_source_group": CELL_SOURCES[int(rng.integers(len(CELL_SOURCES)))],
                "msc_derived": "yes",
                "source_id": _FILE.format(trial),
            }
        )
    return pd.DataFrame(rows, columns=list(TRIALS.columns))


def _arms(rng: np.random.Generator, trials: pd.DataFrame, strata: tuple[str, ...]) -> tuple:
    arms, routes, doses = [], [], []
    weights = np.geomspace(1, 0.05, len(strata))
    for trial in trials["trial_id"]:
        stratum = rng.choice(strata, p=weights / weights.sum())
        for arm in range(1, int(rng.integers(1, 4)) + 1):
            key = {"trial_id": trial, "arm": arm, "record_kind": "registration"}
            place = {"source_id": _FILE.format(trial), "locator": f"/arms/{arm - 1}"}
            label = f"Arm {arm}: vesicles, {LONG}"
            arms.append(key | place | {"label": label, "role": "experimental", "n": int(rng.integers(3, 90))})
            route = {"number": 1, "route": stratum, "stratum": stratum, "arm_stratum": stratum}
            route["record_stratum"] = stratum
            routes.append(key | place | route | {"status": "mapped"})
            doses.extend(_doses(rng, key | place))
        arms.append(key | place | {"arm": arm + 1, "label": "Placebo", "role": "placebo"})
    return (
        pd.DataFrame(arms, columns=list(ARMS.columns)),
        pd.DataFrame(routes, columns=list(ROUTES.columns)),
        pd.DataFrame(doses, columns=list(DOSES.columns)),
    )


def _doses(rng: np.random.Generator, key: dict) -> list[dict]:
    fixed = key | {"curated": False, "administrations_status": "exact", "locator": key["locator"] + "/dose"}
    kind = rng.choice(["stated", "range", "levels", "converted", "inferred", "mass", "none"])
    middle = float(np.round(rng.normal(9.5, 1), 1))
    stated = {"status": "exact", "particles_via": "stated", "unit": "particle", "substance": "particles"}
    if kind == "none":
        return [fixed | {"level": 1, "status": "not_reported", "particles_via": "none"}]
    if kind == "mass":
        mass = {"unit": "ug", "substance": "mass_unspecified", "low": 100.0, "high": 100.0}
        return [fixed | mass | {"level": 1, "status": "exact", "particles_via": "none"}]
    if kind == "converted":
        converted = {"unit": "ug", "substance": "protein", "particles_log10": middle, "conversion_id": "c1"}
        converted |= {"particles_log10_sd": 0.4, "status": "exact", "particles_via": "converted"}
        return [fixed | converted | {"level": 1}]
    if kind == "range":
        ends = {
            "per_administration_low": 10 ** (middle - 0.5),
            "per_administration_high": 10 ** (middle + 0.5),
        }
        spread = {"particles_log10": middle, "particles_log10_sd": 1 / 12**0.5}
        return [fixed | stated | ends | spread | {"level": 1}]
    steps = (0.0, 0.3, 0.6) if kind == "levels" else (0.0,)
    rows = [
        fixed
        | stated
        | {"level": level, "particles_log10": middle + step, "particles_log10_sd": 0.0}
        | {"per_administration_low": 10 ** (middle + step), "per_administration_high": 10 ** (middle + step)}
        for level, step in enumerate(steps, start=1)
    ]
    return [row | {"status": "inferred"} for row in rows] if kind == "inferred" else rows


def _screening(trials: pd.DataFrame, size: int) -> pd.DataFrame:
    reasons = ("not from mesenchymal stem cells", "observational", f"outside the question: {LONG}")
    rows = []
    for number, trial in enumerate(trials["trial_id"]):
        included = number < size
        reason = "all criteria met" if included else reasons[number % len(reasons)]
        decision = "included" if included else "excluded"
        rows.append({"record_id": trial, "decision": decision, "reason": reason, "rule": "r"})
    return pd.DataFrame(rows, columns=list(SCREENING.columns))


def _prisma(screening: pd.DataFrame) -> pd.DataFrame:
    excluded = screening[screening["decision"] == "excluded"]["reason"].value_counts().sort_index()
    included = int((screening["decision"] == "included").sum())
    total = len(screening)
    boxes = [
        ("identified", "total", total + 3),
        ("identified", "ClinicalTrials.gov", total),
        ("identified", "Chinese Clinical Trial Registry (ChiCTR)", 3),
        ("removed_before_screening", "total", 3),
        ("removed_before_screening", "duplicate registration", 3),
        ("screened", "total", total),
        ("excluded_at_screening", "total", 0),
        ("assessed", "total", total),
        ("excluded_at_assessment", "total", int(excluded.sum())),
        *(("excluded_at_assessment", reason, int(n)) for reason, n in excluded.items()),
        ("included", "total", included),
    ]
    return pd.DataFrame(boxes, columns=["box", "line", "n"])


def _registrations(trials: pd.DataFrame, routes: pd.DataFrame) -> pd.DataFrame:
    known = trials.dropna(subset=["first_posted"])
    stratum = routes.drop_duplicates("trial_id").set_index("trial_id")["arm_stratum"]
    year = known["first_posted"].str[:4].astype("Int64")
    groups = {
        "route": known["trial_id"].map(stratum),
        "condition": known["condition_group"],
        "cell source": known["cell_source_group"],
    }
    rows = []
    for grouping, group in groups.items():
        counted = pd.DataFrame({"group": group, "year": year}).value_counts().reset_index(name="n")
        rows.extend(counted.assign(grouping=grouping).to_dict("records"))
    overall = year.value_counts().rename_axis("year").reset_index(name="n")
    rows.extend(overall.assign(grouping="all", group="all").to_dict("records"))
    return pd.DataFrame(rows, columns=list(REGISTRATIONS.columns))


def _trends(size: int) -> pd.DataFrame:
    row = {"grouping": "all", "group": "all", "trials": size, "first_year": 2012, "last_year": LAST_YEAR}
    estimated = {"rate_ratio": 1.31, "low": 1.22, "high": 1.41, "p_value": 1e-6, "model": "Poisson"}
    if size < 10:
        return pd.DataFrame([row | {"status": "not_estimable", "why": f"{size} trials; a trend needs 10"}])
    return pd.DataFrame([row | estimated | {"status": "estimated", "why": "Poisson regression on year"}])


def _studies(rng: np.random.Generator, trials: pd.DataFrame, strata: tuple[str, ...]) -> list[dict]:
    """One row an arm of a published study: a third of the trials are published, with one or two arms."""
    rows = []
    for number, trial in enumerate(trials["trial_id"][::3]):
        stratum = strata[int(rng.integers(len(strata)))]
        for arm in range(1, int(rng.integers(1, 3)) + 1):
            dose = float(np.round(rng.normal(9.5, 1), 1)) if rng.random() > 0.3 else None
            row = {"study_id": f"Author{number}", "trial_id": trial, "arm": arm, "stratum": stratum}
            row |= {"label": f"vesicles {arm}, once daily for five consecutive days", "particles_log10": dose}
            rows.append(row | {"source_id": f"seeds/outcomes/Author{number}.yaml", "locator": f"/{arm}"})
    return rows


def _study_arms(studies: list[dict]) -> tuple:
    keys = [
        {"trial_id": study["study_id"], "arm": study["arm"], "record_kind": "publication"}
        for study in studies
    ]
    read = {"status": "exact", "particles_via": "stated", "unit": "particle", "substance": "particles"}
    none = {"status": "not_reported", "particles_via": "none"}
    arms, routes, doses = [], [], []
    for key, study in zip(keys, studies, strict=True):
        place = {"source_id": study["source_id"], "locator": study["locator"]}
        dose, stratum = study["particles_log10"], study["stratum"]
        arms.append(key | place | {"label": study["label"], "role": "experimental"})
        routes.append(
            key
            | place
            | {"number": 1, "stratum": stratum, "arm_stratum": stratum}
            | {"record_stratum": stratum, "status": "mapped"}
        )
        known = read | {"particles_log10": dose, "particles_log10_sd": 0.2} if dose else none
        doses.append(key | place | known | {"level": 1, "curated": False, "administrations_status": "exact"})
    return (
        pd.DataFrame(arms, columns=list(ARMS.columns)),
        pd.DataFrame(routes, columns=list(ROUTES.columns)),
        pd.DataFrame(doses, columns=list(DOSES.columns)),
    )


def _directions(rng: np.random.Generator, studies: list[dict]) -> pd.DataFrame:
    rows = []
    for study in studies:
        direction = str(rng.choice(["benefit", "none", "harm", "unclear"], p=[0.6, 0.15, 0.1, 0.15]))
        call = {"benefit": "effective", "harm": "harmful", "none": "not shown"}.get(direction, "not testable")
        dose = study["particles_log10"]
        spread = {"particles_low": dose - 0.3, "particles_high": dose + 0.3} if dose else {}
        judged = {"outcome": "improvement of symptoms", "outcome_domain": "clinical improvement"}
        judged |= {"controlled": bool(rng.random() > 0.5), "n": int(rng.integers(3, 90)), "why": "rule"}
        judged |= {
            "direction": direction,
            "call": call,
            "authors_call": str(rng.choice(["yes", "no", "unknown"])),
        }
        rows.append(study | spread | judged | _tested(rng, judged["controlled"]))
    return pd.DataFrame(rows, columns=list(EFFECT_DIRECTION.columns))


def _tested(rng: np.random.Generator, controlled: bool) -> dict:
    """A p-value against a control arm: computed, reported, only bounded from above, or none."""
    kind = str(rng.choice(["computed", "reported", "bound", "none"]))
    if not controlled or kind == "none":
        return {}
    p = float(10 ** -rng.exponential(1.2)) if kind != "bound" else 0.001
    others = int(rng.integers(3, 90)) if rng.random() > 0.2 else None
    found = {"p_value": p, "p_value_is_bound": kind == "bound", "n_control": others}
    return found | {"p_value_from": "computed" if kind == "computed" else "reported"}


def _effects(rng: np.random.Generator, studies: list[dict]) -> pd.DataFrame:
    rows = []
    for number, study in enumerate(studies):
        measure = "hedges_g" if number % 2 else "log_odds_ratio"
        estimate, error = float(rng.normal(0.4, 0.6)), float(rng.uniform(0.2, 0.9))
        numbers = {"estimate": estimate, "variance": error**2, "p_value": 0.2}
        numbers |= {"low": estimate - 1.96 * error, "high": estimate + 1.96 * error}
        numbers |= {"derived": False, "estimated_moments": False}
        what = {
            "outcome": f"change in {LONG.lower()}",
            "outcome_domain": "clinical improvement",
            "primary": True,
        }
        arms = {"comparator_arm": 9, "comparator": "placebo", "n_treated": 20, "n_control": 21}
        words = {"effect_id": f"e{number}", "effect_table": "controlled", "numbers": "n", "equation": "eq"}
        rows.append(study | numbers | what | arms | words | {"measure": measure})
    return pd.DataFrame(rows, columns=list(EFFECTS.columns))


def _synthesis(studies: list[dict]) -> pd.DataFrame:
    rows = []
    for measure in ("hedges_g", "log_odds_ratio"):
        for stratum in (*sorted({study["stratum"] for study in studies}, key=STRATA.index), "all"):
            row = {"analysis": "random_effects", "effect_table": "controlled", "measure": measure}
            row |= {
                "stratum": stratum,
                "outcome_domain": "clinical improvement",
                "sensitivity": "main",
                "arms": 4,
                "participants": 90,
                "outcomes": 2,
            }
            if stratum in (STRATA[0], "all") and studies:
                pooled = {"estimate": 0.4, "low": 0.1, "high": 0.7, "prediction_low": -0.4}
                pooled |= {
                    "prediction_high": 1.2,
                    "tau2": 0.1,
                    "i2": 40.0,
                    "status": "estimated",
                    "why": "REML",
                }
                rows.append(row | pooled | {"studies": 4})
            else:
                rows.append(
                    row | {"studies": 1, "status": "not_estimable", "why": "1 study; pooling needs 3"}
                )
    return pd.DataFrame(rows, columns=list(SYNTHESIS.columns))


def _safety(rng: np.random.Generator, studies: list[dict]) -> pd.DataFrame:
    rows = []
    for study in studies:
        for domain in ("adverse event", "serious adverse event"):
            n = int(rng.integers(3, 60))
            events = int(rng.binomial(n, rng.choice([0.0, 0.0, 0.1, 0.4])))
            low = float(beta.ppf(0.025, events, n - events + 1)) if events else 0.0
            high = float(beta.ppf(0.975, events + 1, n - events)) if events < n else 1.0
            counts = {"events": events, "n": n, "proportion": events / n, "low": low, "high": high}
            what = {
                "kind": "arm",
                "outcome": f"any {domain}",
                "outcome_domain": domain,
                "role": "experimental",
                "dose_limiting": False,
            }
            rows.append(study | counts | what | {"status": "estimated"})
    return pd.DataFrame(rows, columns=list(SAFETY.columns))
