import { describe, expect, test } from '@jest/globals';
import { runDemo } from '../demo-run.ts';

describe('npm run demo', () => {
  test('with --once shows every part of the program at work, whatever this machine is configured for', async () => {
    const { code, text, left } = await runDemo('demo.ts', { args: ['--once'] });
    expect(text).toContain('found 394 = captured 177 + already archived 217 + failed 0');
    expect(text).toContain('found 394 = captured 0 + already archived 394 + failed 0');
    expect(text).toMatch(/dispose [0-9a-f]{12} --reason 'Delete this, please\.'\nmuniment: .+ is on legal hold/u);
    expect(text).toContain('holds 42 messages');
    expect(text).toContain('exported 42 of 42 messages');
    expect(text).toContain('README.txt: OK');
    expect(text).toMatch(/no fault found: .+ every byte read/u);
    expect(text).toContain('the backup holds 177 messages');
    expect(text).toContain('Done: every step did what it says.');
    expect(text).not.toContain('\u001B[');
    expect({ code, left }).toEqual({ code: 0, left: [] });
  });

  test('interrupted within the tour it stops the service and leaves nothing behind', async () => {
    const { code, text, left } = await runDemo('demo.ts', { args: [], until: 'captured 177' });
    expect(text).not.toContain('The demo failed');
    expect({ code, left }).toEqual({ code: 130, left: [] });
  });
});
