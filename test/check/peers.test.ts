import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGE_FILE, pageOf } from './peers/page.js';
import { PEERS, pinnedVersion, SOURCE } from './peers/peers.js';
import { compareVerdicts, readResults, readVerdicts } from './peers/results.js';

const peers = suite('check/peers');
const results = readResults();
const verdicts = readVerdicts();

peers('each published finding has a verdict, and each verdict a finding', () => {
  assert.equal(compareVerdicts(results, verdicts), { open: [], stale: [] });
});

peers('a finding without a verdict is noticed, and so is a verdict without a finding', () => {
  const [first] = verdicts;
  assert.ok(first);
  const place = first.received[0]?.peers[0];
  const rest = verdicts.filter((verdict) => verdict !== first);
  assert.ok(compareVerdicts(results, rest).open.includes(`${first.id} on ${place}`));
  const more = { ...first, id: 'tools/does-not-exist.wire' };
  assert.ok(compareVerdicts(results, [...verdicts, more]).stale.includes(`${more.id} on ${place}`));
});

peers('the page is made from the published results and verdicts', () => {
  assert.is(readFileSync(PAGE_FILE, 'utf8'), pageOf(results, verdicts));
});

peers('the results are of the versions that are pinned now, and of every peer', () => {
  const pinned = PEERS.flatMap((peer) => {
    const transports = peer.stdio === undefined ? ['http'] : ['http', 'stdio'];
    return transports.map((transport) => `${peer.name} ${pinnedVersion(peer)} ${transport}`);
  });
  const published = results.results.map(({ peer, version, transport }) => `${peer} ${version} ${transport}`);
  assert.equal(published, pinned);
});

peers('each source of a server is where its stack is', () => {
  for (const { stack, pinnedIn } of PEERS) assert.ok(existsSync(join(SOURCE, stack, pinnedIn)), stack);
});

peers.run();
