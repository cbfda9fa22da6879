import { expect, test } from '@jest/globals';
import { runDemo } from '../demo-run.ts';
import { describeProfile, onServers } from '../profiles.ts';
import { soaking } from '../soak.ts';

const imported = 'found 394 = captured 177 + already archived 217 + failed 0';

/** All of the tour takes a minute; in the short run it is interrupted after the first step on the servers. */
const options = soaking ? { args: ['--once'] } : { args: [], until: imported };

describeProfile(onServers, () => {
  test('npm run demo:distributed gives the tour on servers, with a process for each role, and leaves nothing behind', async () => {
    const { code, text, left } = await runDemo('demo-distributed.ts', options);
    expect(text).toContain('muniment serve --role committer &    # committer-standby');
    expect(text).toContain(imported);
    expect(text).not.toContain('The demo failed');
    if (soaking) {
      expect(text).toContain('exported 42 of 42 messages');
      expect(text).toMatch(/no fault found: .+ every byte read/u);
      expect(text).toContain('Done: every step did what it says.');
    }
    expect({ code, left }).toEqual({ code: soaking ? 0 : 130, left: [] });
  }, 240_000);
});
