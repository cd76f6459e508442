/**
 * Building DOM without markup strings: what the content security policy of the panel forbids cannot be written here.
 *
 * Invariant: text reaches the document as text nodes and attributes only, in which what cannot be seen is escaped.
 */

import { visible } from '../../engine/escape/visible.js';

type Child = Node | string | null;

/** An element with attributes (null: left out) and children (null: left out). */
export function element<Name extends keyof HTMLElementTagNameMap>(
	name: Name,
	attributes: Readonly<Record<string, string | null>> = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (value !== null) made.setAttribute(key, visible(value));
	}
	const shown = children.filter((child) => child !== null);
	made.append(...shown.map((child) => (typeof child === 'string' ? visible(child) : child)));
	return made;
}

/** A drawing of 16 × 16 units in the current text colour, hidden from screen readers. */
export function drawing(path: string): SVGSVGElement {
	const namespace = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS(namespace, 'svg');
	svg.setAttribute('viewBox', '0 0 16 16');
	svg.setAttribute('aria-hidden', 'true');
	const line = document.createElementNS(namespace, 'path');
	line.setAttribute('d', path);
	svg.append(line);
	return svg;
}

/** A button that shows a drawing and says its name on hover and to screen readers. */
export function button(
	options: { readonly label: string; readonly path: string; readonly text?: string },
	pressed: () => void,
): HTMLButtonElement {
	const made = element(
		'button',
		{ type: 'button', class: 'button', title: options.label, 'aria-label': options.label },
		drawing(options.path),
		options.text === undefined ? null : element('span', {}, options.text),
	);
	made.addEventListener('click', pressed);
	return made;
}

/** The element of the page with that id, which the host's page always has. */
export function byId(id: string): HTMLElement {
	const found = document.getElementById(id);
	if (found === null) throw new Error(`the panel's page has no #${id}`);
	return found;
}
