"""Normalise: doses, schedules and routes of every experimental arm, and the conversions that they use."""

from evdose.dosing.conversions import read_conversions
from evdose.dosing.normalise import normalise, summary
from evdose.dosing.route import read_vocabulary
from evdose.dosing.tables import CONVERSIONS, DOSES, ROUTES
from evdose.dosing.units import read_units
from evdose.recipe import running
from evdose.records.tables import ARMS, TRIALS
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, made = snakemake.input, snakemake.output
    doses, routes, conversions = normalise(
        read_table(given.trials, TRIALS),
        read_table(given.arms, ARMS),
        read_vocabulary(given.routes),
        read_units(given.units),
        read_conversions(given.conversions),
    )
    write_table(doses, DOSES, made.doses)
    write_table(routes, ROUTES, made.routes)
    write_table(conversions, CONVERSIONS, made.conversions)
    run.say(summary(doses, routes))
