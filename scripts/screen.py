"""Screen: which records a scenario includes, and the one reason for each that it doesn't."""

from evdose.recipe import running
from evdose.records.tables import OUTCOMES, QUARANTINE, TRIALS
from evdose.screening.decisions import (
    Criteria,
    eligibility_switches,
    idle_decisions,
    screen,
    unreadable_records,
)
from evdose.screening.duplicates import find_duplicates
from evdose.screening.eligibility import read_rules
from evdose.screening.flow import assert_conservation, prisma_flow, summary
from evdose.screening.studies import select_studies
from evdose.screening.tables import ELIGIBILITY_SWITCHES, PRISMA, SCREENING, STUDIES
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, made, settings = snakemake.input, snakemake.output, snakemake.params
    trials = read_table(given.trials, TRIALS)
    unreadable = unreadable_records(read_table(given.quarantine, QUARANTINE), settings.trial_cards)
    criteria = Criteria(read_rules(given.eligibility), settings.scenario, settings.manual_decisions)
    duplicates = find_duplicates(trials, settings.same_trial)

    screening = screen(trials, unreadable, duplicates, criteria)
    flow = prisma_flow(screening, trials, criteria.rules)
    assert_conservation(screening, flow, [*trials["trial_id"], *unreadable])
    switches = eligibility_switches(trials, duplicates, criteria, settings.review["trials"])
    studies = select_studies(read_table(given.outcomes, OUTCOMES), trials, screening, settings.scenario)

    write_table(screening, SCREENING, made.screening)
    write_table(flow, PRISMA, made.prisma)
    write_table(switches, ELIGIBILITY_SWITCHES, made.eligibility_switches)
    write_table(studies, STUDIES, made.studies)
    for warning in idle_decisions(trials, criteria):
        run.say(f"warning: {warning}")
    run.say(summary(flow))
    run.say(f"{studies['used'].sum()} of {len(studies)} studies with results used")
