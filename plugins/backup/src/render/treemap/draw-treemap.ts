import type { Box, squarify } from './squarify.ts';
import type { TreemapNode } from './treemap-data.ts';

// The little of a browser that is used. (The DOM's own types would be there for all of the server's code.)
interface Element {
  readonly clientWidth: number;
  readonly clientHeight: number;
  readonly style: Record<string, string>;
  readonly dataset: Record<string, string>;
  className: string;
  textContent: string | null;
  title: string;
  disabled: boolean;
  value: string;
  type: string;
  append(...children: readonly (Element | string)[]): void;
  replaceChildren(...children: readonly Element[]): void;
  setAttribute(name: string, value: string): void;
  addEventListener(name: string, listener: (event: KeyEvent) => void): void;
  focus(): void;
}
interface KeyEvent {
  readonly key: string;
  readonly target: unknown;
  preventDefault(): void;
}
interface Browser {
  readonly document: {
    readonly activeElement: unknown;
    getElementById(id: string): Element | null;
    createElement(name: string): Element;
    addEventListener(name: 'keydown', listener: (event: KeyEvent) => void): void;
  };
  matchMedia(query: string): {
    readonly matches: boolean;
    addEventListener(name: 'change', listener: () => void): void;
  };
  addEventListener(name: 'resize', listener: () => void): void;
}

/**
 * Draws the tree as boxes, two levels at a time, and makes it explorable: a click or Enter zooms in, Escape or Backspace
 * out, arrows go from box to box. It runs in a browser: its source is put into the page as it is, so it uses nothing
 * from outside itself.
 */
export function drawTreemap(browser: Browser, divide: typeof squarify, root: TreemapNode): void {
  const { document } = browser;
  const at = (id: string): Element => document.getElementById(id)!;
  const [map, trail, told, table] = [at('map'), at('trail'), at('told'), at('table')];
  const [sizeChoice, colourChoice] = [at('size'), at('colour')];
  const dark = browser.matchMedia('(prefers-color-scheme: dark)');
  const title = 18;
  /** From the root to the node that fills the map. */
  let path: TreemapNode[] = [root];
  let buttons: Element[] = [];

  const digits = (value: number): string => String(Number(value.toPrecision(3)));
  const size = (bytes: number): string => {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    let value = bytes;
    for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1000;
    return `${digits(value)} ${units[unit]}`;
  };
  const count = (value: number): string => (value < 100_000 ? String(value) : `${digits(value / 1e6)} M`);
  const measures = ['bytes', 'keys', 'versions'];
  const measure = (node: TreemapNode): number => node.t[measures.indexOf(sizeChoice.value)] ?? 0;
  const shown = (node: TreemapNode): string => {
    if (sizeChoice.value === 'bytes') return size(measure(node));
    return `${count(measure(node))} ${sizeChoice.value}`;
  };
  /** What colours tell. */
  const heat = ({ t: [bytes, keys, versions] }: TreemapNode): number => {
    if (colourChoice.value === 'keys') return keys;
    return (colourChoice.value === 'bytes' ? bytes : versions) / Math.max(1, keys);
  };
  const sorted = (nodes: readonly TreemapNode[]): TreemapNode[] =>
    nodes.filter((node) => measure(node) > 0).sort((one, other) => measure(other) - measure(one));
  const fullName = (nodes: readonly TreemapNode[]): string => nodes.map(({ n }) => n).join('') || 'all keys';
  const describe = (nodes: readonly TreemapNode[]): string => {
    const node = nodes[nodes.length - 1]!;
    const [bytes, keys, versions, largest, leased] = node.t;
    const whole = measure(root);
    const share = whole === 0 ? '' : `, ${digits((measure(node) / whole) * 100)} % of all ${sizeChoice.value}`;
    const others = node.o === undefined ? '' : ' (each too small to be told alone)';
    return (
      `${fullName(nodes)}${others}: ${count(keys)} ${keys === 1 ? 'key' : 'keys'}, ${size(bytes)}${share}; largest value ${size(largest)}, ` +
      `${digits(versions / Math.max(1, keys))} versions per key, ${count(leased)} keys with a lease`
    );
  };

  const colourOf = (low: number, high: number) => (node: TreemapNode) => {
    // What differs by less than a factor of two is much the same.
    const range = Math.max(Math.log(2), Math.log(high) - Math.log(low));
    const warmth = (Math.log(Math.max(low, heat(node))) - Math.log(low)) / range;
    const lightness = dark.matches ? 22 + 33 * warmth : 92 - 42 * warmth;
    const hue = 215 - 190 * warmth;
    return { fill: `hsl(${hue} 60% ${lightness}%)`, text: lightness > 50 ? '#14181d' : '#f4f6f8' };
  };

  const zoom = (nodes: TreemapNode[]): void => {
    path = nodes;
    draw();
    buttons[0]?.focus();
  };
  const out = (): void => {
    if (path.length > 1) zoom(path.slice(0, -1));
  };

  const makeBox = (nodes: TreemapNode[], box: Box, paint: ReturnType<typeof colourOf>, isFrame: boolean): void => {
    const node = nodes[nodes.length - 1]!;
    const button = document.createElement('button');
    const { fill, text } = paint(node);
    button.type = 'button';
    button.className = isFrame ? 'box frame' : 'box';
    button.dataset.name = node.n;
    button.style.left = `${box.x}px`;
    button.style.top = `${box.y}px`;
    button.style.width = `${Math.max(0, box.width - 1)}px`;
    button.style.height = `${Math.max(0, box.height - 1)}px`;
    button.style.background = fill;
    button.style.color = text;
    if (box.width > 40 && box.height > 16) button.textContent = `${node.n || '(the prefix itself)'} ${shown(node)}`;
    button.title = describe(nodes);
    button.setAttribute('aria-label', describe(nodes));
    const tell = (): void => {
      told.textContent = describe(nodes);
    };
    button.addEventListener('focus', tell);
    button.addEventListener('mouseenter', tell);
    button.addEventListener('click', () => {
      if (node.c !== undefined) zoom(nodes);
    });
    if (node.c !== undefined) button.className += ' more';
    buttons.push(button);
  };

  const drawTrail = (): void => {
    trail.replaceChildren(
      ...path.map((node, index) => {
        const step = document.createElement('button');
        step.type = 'button';
        step.textContent = node.n || 'all keys';
        step.disabled = index === path.length - 1;
        step.addEventListener('click', () => zoom(path.slice(0, index + 1)));
        return step;
      }),
    );
  };

  const drawTable = (children: readonly TreemapNode[]): void => {
    const row = (cells: readonly string[], tag: string): Element => {
      const line = document.createElement('tr');
      for (const cell of cells) {
        const element = document.createElement(tag);
        element.textContent = cell;
        line.append(element);
      }
      return line;
    };
    table.replaceChildren(
      row(['prefix or key', 'bytes', 'keys', 'versions', 'largest value', 'keys with a lease'], 'th'),
      ...children
        .slice(0, 200)
        .map(({ n, t: [bytes, keys, versions, largest, leased] }) =>
          row([n, size(bytes), String(keys), String(versions), size(largest), String(leased)], 'td'),
        ),
    );
  };

  const draw = (): void => {
    buttons = [];
    const children = sorted(path[path.length - 1]!.c ?? []);
    const inner = new Map(children.map((child) => [child, sorted(child.c ?? [])]));
    const heats = [...inner].flatMap(([child, below]) => (below.length === 0 ? [child] : below)).map(heat);
    const paint = colourOf(Math.max(1e-9, Math.min(...heats)), Math.max(1e-9, ...heats));
    const whole = { x: 0, y: 0, width: map.clientWidth, height: map.clientHeight };
    const boxes = divide(children.map(measure), whole);
    children.forEach((child, index) => {
      const box = boxes[index]!;
      const below = inner.get(child)!;
      const isFrame = below.length > 0 && box.width > 60 && box.height > 60;
      makeBox([...path, child], box, paint, isFrame);
      if (!isFrame) return;
      const room = { x: box.x + 3, y: box.y + title, width: box.width - 7, height: box.height - title - 4 };
      const innerBoxes = divide(below.map(measure), room);
      below.forEach((node, number) => {
        const { width, height } = innerBoxes[number]!;
        // What nobody could hit with a mouse only costs time.
        if (width > 3 && height > 3) makeBox([...path, child, node], innerBoxes[number]!, paint, false);
      });
    });
    map.replaceChildren(...buttons);
    told.textContent = describe(path);
    drawTrail();
    drawTable(children);
  };

  const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener('keydown', (event) => {
    if (event.target === sizeChoice || event.target === colourChoice) return;
    const step = steps[event.key];
    if (event.key === 'Escape' || event.key === 'Backspace') out();
    else if (event.key === 'Home') zoom([root]);
    else if (step !== undefined && buttons.length > 0) {
      const now = buttons.indexOf(document.activeElement as Element);
      buttons[(now + step + buttons.length) % buttons.length]!.focus();
    } else return;
    event.preventDefault();
  });
  sizeChoice.addEventListener('change', draw);
  colourChoice.addEventListener('change', draw);
  dark.addEventListener('change', draw);
  browser.addEventListener('resize', draw);
  // A map of a single box says nothing: it begins where there is a choice.
  for (let only = root.c?.[0]; only?.c !== undefined; only = only.c[0]) {
    if (path[path.length - 1]?.c?.length !== 1) break;
    path = [...path, only];
  }
  draw();
}
