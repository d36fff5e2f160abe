// Decides requests as IAM does: a JSON list of simulations in, the list of decisions out.
// A simulation that the library would not take as it is meant (a policy that AWS refuses, a condition key that
// is none of the action's) is an error, and decides nothing.
import { json } from 'node:stream/consumers';

import { runSimulation } from '@cloud-copilot/iam-simulate';

async function decide(simulation) {
  const done = await runSimulation(simulation, {});
  const ignored = done.result?.ignoredContextKeys ?? [];
  if (done.resultType !== 'single' || ignored.length > 0) {
    throw new Error(JSON.stringify({ request: simulation.request, errors: done.errors, ignored }));
  }
  return done.overallResult;
}

const simulations = await json(process.stdin);
process.stdout.write(JSON.stringify(await Promise.all(simulations.map(decide))));
