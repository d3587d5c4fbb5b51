import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export interface OpenPageOptions {
  /** Of the reader's system. Default `light`. */
  readonly colours?: 'light' | 'dark';
}

/** What a look at a page gave. */
export interface SeenPage<T> {
  /** Uncaught errors, and what was written to the console as an error or a warning. */
  readonly errors: readonly string[];
  readonly seen: T;
}

/** A second or two; half a minute was seen on a machine with much else to do. */
const START_TIMEOUT_MS = 150_000;

/** Nothing that has to do with a network. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];

/**
 * Opens a page in Chromium, from a file, in a window of 1200 × 2000.
 *
 * @param look JavaScript: the body of an async function that is called when the page is there, and returns what it sees
 * or did, as JSON can hold it
 */
export async function openPage<T>(html: string, look: string, options: OpenPageOptions = {}): Promise<SeenPage<T>> {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-page-'));
  try {
    const file = join(folder, 'page.html');
    await writeFile(file, withLook(html, look));
    const { stdout } = await promisify(execFile)(
      'chromium',
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', ...QUIET],
        ...[`--user-data-dir=${join(folder, 'profile')}`, '--window-size=1200,2000'],
        ...(options.colours === 'dark' ? ['--blink-settings=preferredColorScheme=0'] : []),
        ...['--virtual-time-budget=5000', '--dump-dom', pathToFileURL(file).href],
      ],
      { timeout: START_TIMEOUT_MS, maxBuffer: 2 ** 26 },
    );
    const seen = /seen:([A-Za-z0-9+/=]+)/.exec(stdout)?.[1];
    if (seen === undefined) throw new Error(`the page never came to its end: ${stdout.slice(0, 1000)}`);
    return JSON.parse(decodeURIComponent(atob(seen))) as SeenPage<T>;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The page with a script before all of its own, which collects errors, and one after them, which tells what is seen. */
function withLook(html: string, look: string): string {
  const first = `<script>const errors = [];
    addEventListener('error', (event) => errors.push(event.message));
    console.error = console.warn = (...words) => errors.push(words.join(' '));</script>`;
  const last = `<script>addEventListener('load', () => setTimeout(async () => {
    const seen = await (async () => { ${look} })().catch((error) => void errors.push(String(error)));
    document.documentElement.innerHTML = '<pre></pre>';
    document.querySelector('pre').textContent = 'seen:' + btoa(encodeURIComponent(JSON.stringify({ errors, seen })));
  }, 200));</script>`;
  return html.replace('<head>', () => `<head>${first}`).replace('</body>', () => `${last}</body>`);
}
