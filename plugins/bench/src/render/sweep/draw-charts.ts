import type { Chart } from './sweep-charts.ts';

// The little of a browser and of uPlot that is used. (The DOM's own types would be there for all of the server's code.)
interface Element {
  readonly clientWidth: number;
  innerHTML: string;
}
interface Browser {
  readonly document: { readonly documentElement: Element; getElementById(id: string): Element | null };
  readonly devicePixelRatio: number;
  getComputedStyle(element: Element): { getPropertyValue(name: string): string };
  matchMedia(query: string): { addEventListener(name: 'change', listener: () => void): void };
  addEventListener(name: 'resize', listener: () => void): void;
}
interface Plot {
  readonly ctx: {
    strokeStyle: string;
    lineWidth: number;
    beginPath(): void;
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    stroke(): void;
  };
  readonly series: readonly { readonly show?: boolean }[];
  valToPos(value: number, scale: 'x' | 'y', canvasPixels: true): number;
}
type PlotConstructor = new (options: object, data: readonly (readonly (number | null)[])[], element: Element) => Plot;

/**
 * Draws every chart into the element `chart-<number>`, in the page's colours, and again when these or the page's width
 * change. It runs in a browser: its source is put into the page as it is, so it uses nothing from outside itself.
 */
export function drawCharts(browser: Browser, Plot: PlotConstructor, charts: readonly Chart[]): void {
  const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const colours = 8;

  const format = (value: number): string => {
    const size = Math.abs(value);
    if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
    if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
    return String(Number(value.toPrecision(3)));
  };
  // On a logarithmic axis only powers of ten have room for a label.
  const formatTicks = (kind: string) => (_plot: Plot, splits: (number | null)[]) =>
    splits.map((value) => {
      if (value === null) return '';
      return kind === 'log' && Math.abs(Math.log10(value) % 1) > 1e-9 ? '' : format(value);
    });

  const draw = (chart: Chart, element: Element): void => {
    const style = browser.getComputedStyle(browser.document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const lineColour = (index: number): string => colour(`--line-${index % colours}`);
    const { x, lines, xKind, yKind, xLabels } = chart;
    const first = x[0] ?? 0;
    const last = x[x.length - 1] ?? 1;
    const margin = xKind === 'labels' ? 0.4 : (last - first) * 0.05;
    const xRange = xKind === 'log' ? [first / 1.4, last * 1.4] : [first - margin, last + margin];
    // The bars, which uPlot knows nothing of, must have room too.
    const figures = lines.flatMap(({ low, high }) => [...low, ...high]).filter((value) => value !== null);
    const [least, most] = [Math.min(...figures), Math.max(...figures)];
    const yRange =
      yKind === 'log'
        ? [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most))]
        : [0, figures.length === 0 || most === 0 ? 1 : most * 1.1];
    const axis = {
      stroke: colour('--text'),
      grid: { stroke: colour('--grid'), width: 1 },
      ticks: { stroke: colour('--grid'), width: 1 },
    };
    // Lines at the same place would hide each other's bars: each is drawn a little aside.
    const aside = (index: number): number => (index - (lines.length - 1) / 2) * 3 * browser.devicePixelRatio;
    const drawBars = (plot: Plot): void => {
      const cap = 3 * browser.devicePixelRatio;
      lines.forEach(({ low, high }, index) => {
        if (plot.series[index + 1]?.show === false) return;
        plot.ctx.strokeStyle = lineColour(index);
        plot.ctx.lineWidth = browser.devicePixelRatio;
        x.forEach((value, at) => {
          const from = low[at];
          const to = high[at];
          if (from === null || to === null || from === undefined || to === undefined) return;
          const centre = plot.valToPos(value, 'x', true) + aside(index);
          const bottom = plot.valToPos(from, 'y', true);
          const top = plot.valToPos(to, 'y', true);
          plot.ctx.beginPath();
          plot.ctx.moveTo(centre, bottom);
          plot.ctx.lineTo(centre, top);
          for (const end of [bottom, top]) {
            plot.ctx.moveTo(centre - cap, end);
            plot.ctx.lineTo(centre + cap, end);
          }
          plot.ctx.stroke();
        });
      });
    };
    element.innerHTML = '';
    new Plot(
      {
        width: Math.max(280, element.clientWidth),
        height: 280,
        scales: {
          x: { time: false, distr: xKind === 'log' ? 3 : 1, range: xRange },
          y: yKind === 'log' ? { distr: 3, range: yRange } : { range: yRange },
        },
        axes: [
          {
            ...axis,
            label: chart.xTitle,
            ...(xKind === 'labels'
              ? { splits: () => [...x], values: (_plot: Plot, at: number[]) => at.map((one) => xLabels[one] ?? '') }
              : { values: formatTicks(xKind) }),
          },
          { ...axis, size: 70, label: chart.unit, values: formatTicks(yKind) },
        ],
        series: [
          {
            label: chart.xTitle,
            value: (_plot: Plot, value: number | null) =>
              value === null ? '–' : xKind === 'labels' ? (xLabels[value] ?? '') : format(value),
          },
          ...lines.map(({ label }, index) => ({
            label,
            stroke: lineColour(index),
            width: 2,
            dash: dashes[Math.floor(index / colours) % dashes.length],
            points: { show: true, size: 6 },
            spanGaps: true,
            value: (_plot: Plot, value: number | null) => (value === null ? '–' : format(value)),
          })),
        ],
        hooks: { draw: [drawBars] },
      },
      [x, ...lines.map(({ y }) => y)],
      element,
    );
  };

  const drawAll = (): void =>
    charts.forEach((chart, index) => {
      const element = browser.document.getElementById(`chart-${index}`);
      if (element !== null) draw(chart, element);
    });
  browser.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  let width = browser.document.documentElement.clientWidth;
  browser.addEventListener('resize', () => {
    if (browser.document.documentElement.clientWidth === width) return;
    width = browser.document.documentElement.clientWidth;
    drawAll();
  });
  drawAll();
}
