/** A warning of the process (a listener leak, a deprecation) fails the run and names itself. Installed once: test files share the process. */
const installed = Symbol.for('port-exporter.no-warnings');
const shared = globalThis as { [installed]?: true };

if (shared[installed] === undefined) {
  shared[installed] = true;
  process.on('warning', (warning) => {
    throw warning;
  });
}
