// What playwright-core's types name of a browser's. Tests run in Node.js and touch pages only through it, so that the library "dom", whose
// globals Node.js does not have, stays out of everybody's sight.
type Node = { readonly textContent: string | null; readonly firstChild: Node | null };
type HTMLElement = Node;
type SVGElement = Node;
type HTMLElementTagNameMap = Readonly<Record<string, HTMLElement>>;
