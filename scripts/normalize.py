"""Normalise: doses, schedules and routes of every experimental arm, and the conversions that they use."""

from evdose.dosing.conversions import read_conversions
from evdose.dosing.normalise import normalise, summary
from evdose.dosing.overrides import overrides, without_curator
from evdose.dosing.route import read_vocabulary
from evdose.dosing.tables import CONVERSIONS, DOSES, OVERRIDES, ROUTES
from evdose.dosing.units import read_units
from evdose.recipe import running
from evdose.records.tables import ARMS, TRIALS
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, made = snakemake.input, snakemake.output
    trials, arms = read_table(given.trials, TRIALS), read_table(given.arms, ARMS)
    knowledge = (
        read_vocabulary(given.routes),
        read_units(given.units),
        read_conversions(given.conversions),
    )
    doses, routes, conversions = normalise(trials, arms, *knowledge)
    parsed = normalise(trials, without_curator(arms), *knowledge)[:2]
    set_by_curators = overrides(arms, (doses, routes), parsed)

    write_table(doses, DOSES, made.doses)
    write_table(routes, ROUTES, made.routes)
    write_table(conversions, CONVERSIONS, made.conversions)
    write_table(set_by_curators, OVERRIDES, made.overrides)
    run.say(summary(doses, routes))
    for idle in set_by_curators[~set_by_curators["changes"]].itertuples():
        run.say(f"warning: {idle.source_id} {idle.locator}: the curated {idle.field} changes nothing")
