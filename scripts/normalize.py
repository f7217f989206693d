"""Normalise: doses, schedules and routes of every experimental arm, and what converts or may convert them."""

from evdose.dosing.conversions import read_conversions
from evdose.dosing.normalise import normalise, summary
from evdose.dosing.overrides import overrides, without_curator
from evdose.dosing.reading.reader import read_reader
from evdose.dosing.tables import CONVERSIONS, DOSE_SENSITIVITY, DOSES, OVERRIDES, ROUTES
from evdose.recipe import running
from evdose.records.tables import ARMS, TRIALS
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, made = snakemake.input, snakemake.output
    trials, arms = read_table(given.trials, TRIALS), read_table(given.arms, ARMS)
    knowledge = (
        read_reader({name: given[name] for name in ("units", "wording", "routes")}),
        read_conversions(given.conversions),
    )
    doses, routes, conversions, assumed = normalise(trials, arms, *knowledge)
    parsed = normalise(trials, without_curator(arms), *knowledge)[:2]
    set_by_curators = overrides(arms, (doses, routes), parsed)

    write_table(doses, DOSES, made.doses)
    write_table(routes, ROUTES, made.routes)
    write_table(conversions, CONVERSIONS, made.conversions)
    write_table(assumed, DOSE_SENSITIVITY, made.dose_sensitivity)
    write_table(set_by_curators, OVERRIDES, made.overrides)
    run.say(summary(doses, routes))
    for idle in set_by_curators[~set_by_curators["changes"]].itertuples():
        run.say(f"warning: {idle.source_id} {idle.locator}: the curated {idle.field} changes nothing")
