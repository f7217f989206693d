"""Recipe of rule power: the chance to see an effective range with arms at the doses that were tried."""

from evdose.modelling import tables
from evdose.modelling.power import power_table
from evdose.recipe import running
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    tried = read_table(snakemake.input.tried_arms, tables.TRIED_ARMS)
    power = power_table(tried, snakemake.params.models, snakemake.params.seed)
    write_table(power, tables.POWER, snakemake.output.power)
    simulated = power[power["status"] == tables.ESTIMATED]
    run.say(f"{len(simulated)} settings simulated, {simulated['simulations'].sum()} data sets")
