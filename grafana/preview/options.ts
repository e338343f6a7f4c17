const BASIC = ['unit', 'decimals', 'min', 'max', 'mappings', 'thresholds', 'links', 'noValue', 'displayName', 'color'];

/** The part of a panel that says how its fields look. */
type FieldConfig = {
  readonly defaults: { readonly custom?: object };
  readonly overrides: readonly { readonly properties: readonly { readonly id: string }[] }[];
};

/**
 * What Grafana's registry of field options is to know for a panel: it takes every option as it is. Grafana's own registries come with the
 * panels, which are in no package.
 */
export function fieldOptions({ defaults, overrides }: FieldConfig) {
  const custom = Object.keys(defaults.custom ?? {}).map((key) => `custom.${key}`);
  const overridden = overrides.flatMap(({ properties }) => properties.map(({ id }) => id));
  return [...new Set([...BASIC, ...custom, ...overridden])].map((id) => ({
    ...{ id, name: id, path: id.replace(/^custom\./, ''), isCustom: id.startsWith('custom.'), settings: {} },
    ...{ process: (value: unknown) => value, shouldApply: () => true },
  }));
}
