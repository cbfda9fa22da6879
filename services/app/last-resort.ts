import { setTimeout } from 'node:timers';

/**
 * Ends this process after so many milliseconds as kill -9 would; the next run completes what it leaves. Nothing gentler does:
 * `process.exit` waits for worker threads, and one that is stuck in a system call never ends. The timer keeps the event loop
 * alive, so that the process cannot come to its ordinary end, with the same waiting, before: call the answer once all is closed.
 */
export function endAtLast(milliseconds: number): () => void {
  const timer = setTimeout(() => {
    process.stderr.write('muniment: something did not stop; ended by force. Run it again to complete it.\n');
    process.kill(process.pid, 'SIGKILL');
  }, milliseconds);
  return () => timer.unref();
}
