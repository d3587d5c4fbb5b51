import { escapeText } from './escape-text.ts';

/** What a page is made of, beside what all of them share. */
export interface Page {
  /** Its title and its first heading. */
  readonly title: string;
  /** HTML below the heading. */
  readonly body: string;
  /** CSS beside that of all pages, which names the colours `--text`, `--faint`, `--page`, `--grid`, `--line-0` to `--line-7`. */
  readonly style: string;
  /** Run after the body is there, in their order. None may hold `</script`. */
  readonly scripts: readonly string[];
}

/**
 * One HTML file with all that it needs inside, light or dark as its reader's system is. It loads nothing, so it works
 * from a disk, from a mail and years later.
 */
export function renderPage({ title, body, style, scripts }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>
${STYLE.trim()}
${style.trim()}
</style>
</head>
<body>
<h1>${escapeText(title)}</h1>
${body}
${scripts.map((script) => `<script>\n${script}\n</script>`).join('\n')}
</body>
</html>
`;
}

const STYLE = `
:root { --text: #1b1f24; --faint: #57606a; --page: #ffffff; --grid: #d8dee4;
  --line-0: #0b6bcb; --line-1: #c4510b; --line-2: #1a7f4b; --line-3: #a3319b; --line-4: #8a6d00; --line-5: #c0223b;
  --line-6: #00808a; --line-7: #5b5bd6; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #9da7b3; --page: #0d1117; --grid: #30363d;
  --line-0: #58a6ff; --line-1: #ffa657; --line-2: #56d364; --line-3: #e58fe0; --line-4: #e3c341; --line-5: #ff7b86;
  --line-6: #4fd1dc; --line-7: #a5a5ff; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 2rem auto;
  max-width: 90rem; padding: 0 1.5rem; }
h1, h2, h3 { line-height: 1.2; font-weight: 600; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 0 0 .3rem; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table.figures { border-collapse: collapse; font: 13px ui-monospace, monospace; }
table.figures th, table.figures td { padding: .25rem .7rem; border-bottom: 1px solid var(--grid); text-align: right;
  white-space: nowrap; }
table.figures th { color: var(--faint); font-weight: 600; }
`;
