export { escapeText } from './escape-text.ts';
export { type Page, renderPage } from './render-page.ts';
export { scriptJson } from './script-json.ts';
