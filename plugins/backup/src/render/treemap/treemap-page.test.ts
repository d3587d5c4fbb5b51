import { openPage } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';
import { PrefixTree } from '../../services/summary/prefix-tree.ts';
import { recordOf } from '../../testing/contents-of.ts';
import { renderTreemapPage } from './render-treemap-page.ts';

const html = renderTreemapPage({ title: 'etcd: </script>', lines: ['4 keys & <b>more</b>'], tree: makeTree() });

/** What a reader finds, and comes to by mouse and keys. */
const LOOK = `
  const map = document.getElementById('map');
  const boxes = () => [...map.querySelectorAll('button')];
  const names = () => boxes().map((box) => box.dataset.name);
  const told = () => document.getElementById('told').textContent;
  const press = (key) => (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const choose = (id, value) => {
    const choice = document.getElementById(id);
    choice.value = value;
    choice.dispatchEvent(new Event('change'));
  };
  const areas = () => Object.fromEntries(boxes().map((box) => {
    const { width, height } = box.getBoundingClientRect();
    return [box.dataset.name, width * height];
  }));
  const colours = () => Object.fromEntries(boxes().map((box) => [box.dataset.name, getComputedStyle(box).backgroundColor]));
  const trail = () => [...document.querySelectorAll('#trail button')].map((step) => step.textContent);
  const seen = { background: getComputedStyle(document.body).backgroundColor, text: document.body.innerText };
  seen.first = names();
  seen.bytes = areas();
  seen.mapArea = map.clientWidth * map.clientHeight;
  seen.byVersions = colours();
  choose('size', 'keys');
  seen.keys = areas();
  choose('colour', 'keys');
  seen.byKeys = colours();
  choose('size', 'bytes');
  boxes().find((box) => box.dataset.name === 'many/').click();
  seen.zoomed = { names: names(), trail: trail(), focus: document.activeElement.dataset.name, told: told() };
  press('ArrowRight');
  seen.next = { focus: document.activeElement.dataset.name, told: told() };
  press('ArrowLeft');
  press('ArrowLeft');
  seen.last = document.activeElement.dataset.name;
  press('Escape');
  seen.out = { names: names(), trail: trail() };
  boxes()[0].click();
  press('Home');
  seen.home = trail();
  seen.rows = document.querySelectorAll('table.figures tr').length;
  seen.overflow = document.documentElement.scrollWidth > innerWidth;
  return seen;`;

interface Seen {
  readonly background: string;
  readonly text: string;
  readonly first: readonly string[];
  readonly bytes: Readonly<Record<string, number>>;
  readonly keys: Readonly<Record<string, number>>;
  readonly mapArea: number;
  readonly byVersions: Readonly<Record<string, string>>;
  readonly byKeys: Readonly<Record<string, string>>;
  readonly zoomed: unknown;
  readonly next: unknown;
  readonly last: string;
  readonly out: unknown;
  readonly home: readonly string[];
  readonly rows: number;
  readonly overflow: boolean;
}

test.each([
  ['light', 'rgb(255, 255, 255)'],
  ['dark', 'rgb(13, 17, 23)'],
] as const)(
  'the page in Chromium, %s: boxes by size and colour, to zoom into with mouse and keys',
  async (colours, background) => {
    // It loads nothing: neither from a network nor from beside it.
    expect(html).not.toMatch(/<(link|img|iframe)\b|\bsrc=|@import|url\(|fetch\(|XMLHttpRequest/);
    const { seen, errors } = await openPage<Seen>(html, LOOK, { colours });
    expect(errors).toEqual([]);
    expect(seen.background).toBe(background);
    expect(seen.text).toContain('etcd: </script>');
    expect(seen.text).toContain('4 keys & <b>more</b>');
    // Largest first, each followed by what is in it.
    expect(seen.first).toEqual(['large/', '1', '</', 'many/', '1', '2', '3 others']);
    expect(seen.rows).toBe(3);
    expect(seen.overflow).toBe(false);
    // Their share of the map, but for the lines between them.
    const share = (areas: Seen['bytes'], name: string) => areas[name]! / seen.mapArea;
    expect(share(seen.bytes, 'large/')).toBeCloseTo(2 / 3, 1);
    expect(share(seen.bytes, 'many/')).toBeCloseTo(1 / 3, 1);
    expect(share(seen.keys, 'large/')).toBeCloseTo(2 / 7, 1);
    expect(share(seen.keys, 'many/')).toBeCloseTo(5 / 7, 1);
    expect(new Set(Object.values(seen.byVersions)).size).toBeGreaterThan(1);
    expect(seen.byKeys).not.toEqual(seen.byVersions);
    expect(seen.zoomed).toEqual({
      names: ['1', '2', '3 others'],
      trail: ['all keys', 'many/'],
      focus: '1',
      told: expect.stringMatching(/^many\/1: 1 key, 1.21 kB, 16 % of all bytes; largest value 1.2 kB, 9 versions/),
    });
    expect(seen.next).toEqual({ focus: '2', told: expect.stringContaining('many/2: 1 key,') });
    expect(seen.last).toBe('3 others');
    expect(seen.out).toEqual({ names: seen.first, trail: ['all keys'] });
    expect(seen.home).toEqual(['all keys']);
  },
  180_000,
);

/** Two keys below large/, with two thirds of the bytes; five below many/, of which three are too small. */
function makeTree() {
  const tree = new PrefixTree({
    depth: 3,
    separator: Buffer.from('/'),
    prefix: Buffer.alloc(0),
    leastShare: 0.145,
  });
  const value = (bytes: number) => 'x'.repeat(bytes);
  tree.add(recordOf('large/1', value(3000)));
  tree.add(recordOf('large/</script>', value(2000)));
  tree.add(recordOf('many/1', value(1200), { version: 9 }));
  tree.add(recordOf('many/2', value(1150)));
  for (const name of ['3', '4', '5']) tree.add(recordOf(`many/${name}`, value(50)));
  return tree.finish();
}
