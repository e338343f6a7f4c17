/** Of HTTP/2 that breaks the protocol, Node.js 20 says less than later versions do. */
export const isNode20 = process.versions.node.startsWith('20.');
