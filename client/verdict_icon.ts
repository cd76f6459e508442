/**
 * The gutter's drawings: one shape per verdict, so that they differ without colour too, in light and dark, faded while
 * a newer text is being checked.
 *
 * VS Code takes files here, not theme colours: these are the defaults of its own themes.
 */
import type { Verdict } from '../server/protocol.js';

export interface VerdictIcon {
	readonly verdict: Verdict;
	readonly stale: boolean;
	readonly theme: 'light' | 'dark';
}

const COLOURS: Readonly<Record<Verdict, { readonly light: string; readonly dark: string }>> = {
	holds: { light: '#388a34', dark: '#73c991' },
	violated: { light: '#e51400', dark: '#f14c4c' },
	inconclusive: { light: '#bf8803', dark: '#cca700' },
	unsupported: { light: '#6a6a6a', dark: '#9d9d9d' },
};

const SHAPES: Readonly<Record<Verdict, string>> = {
	// A shield with a tick, a filled disc with a cross, half a disc, a broken ring with a bar.
	holds:
		'<path d="M8 1.8 13 3.6v3.9c0 3.2-2.1 5.6-5 6.7-2.9-1.1-5-3.5-5-6.7V3.6z"/><path d="m5.6 7.8 1.8 1.8 3.2-3.4"/>',
	violated:
		'<circle cx="8" cy="8" r="6" fill="currentColor"/><path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" stroke="#fff"/>',
	inconclusive: '<circle cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>',
	unsupported: '<circle cx="8" cy="8" r="6" stroke-dasharray="3 2"/><path d="M5.2 8h5.6"/>',
};

/** The drawing as SVG text. */
export function verdictSvg(icon: VerdictIcon): string {
	const colour = COLOURS[icon.verdict][icon.theme];
	const shape = SHAPES[icon.verdict].replaceAll('currentColor', colour);
	const opacity = icon.stale ? '0.4' : '1';
	return (
		'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">' +
		`<g fill="none" stroke="${colour}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" opacity="${opacity}">` +
		`${shape}</g></svg>`
	);
}

/** The drawing as a `data:` address. */
export function verdictDataAddress(icon: VerdictIcon): string {
	return `data:image/svg+xml;base64,${Buffer.from(verdictSvg(icon)).toString('base64')}`;
}

/** A thin bar beside a line that no explored run came to, as a `data:` address. */
export function unreachedDataAddress({ stale, theme }: Omit<VerdictIcon, 'verdict'>): string {
	const svg =
		'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">' +
		`<rect x="12" y="0" width="2" height="16" fill="${COLOURS.inconclusive[theme]}" opacity="${stale ? '0.4' : '1'}"/></svg>`;
	return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
