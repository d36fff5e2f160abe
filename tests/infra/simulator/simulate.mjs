// Decides requests as IAM does: for each line of the input, a JSON list of simulations, the list of decisions as
// a line of the output. It starts once for many lists, because most of its time is its start.
// A simulation that the library would not take as it is meant (a policy that AWS refuses, a condition key that
// is none of the action's) is an error, and decides nothing.
import { createInterface } from 'node:readline';

import { runSimulation } from '@cloud-copilot/iam-simulate';

async function decide(simulation) {
  const done = await runSimulation(simulation, {});
  const ignored = done.result?.ignoredContextKeys ?? [];
  if (done.resultType !== 'single' || ignored.length > 0) {
    throw new Error(JSON.stringify({ request: simulation.request, errors: done.errors, ignored }));
  }
  return done.overallResult;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await Promise.all(JSON.parse(line).map(decide)))}\n`);
}
