/** A target by its name, and the names of those that it cannot work without. */
type Dependent = { readonly name: string; readonly dependsOn: readonly string[] };

/**
 * What a target that is down is down because of: the names of those that it depends on, directly or not, that are down and have no such
 * excuse themselves. Empty where there are none.
 */
export function causesOf<Target extends Dependent>(
  target: Target,
  find: (name: string) => Target | undefined,
  isDown: (target: Target) => boolean,
): readonly string[] {
  const causes = new Set<string>();
  const seen = new Set([target.name]);
  const look = ({ dependsOn }: Target): boolean => {
    let found = false;
    for (const name of dependsOn) {
      const other = find(name);
      if (other === undefined || !isDown(other)) continue;
      found = true;
      if (seen.has(name)) continue;
      seen.add(name);
      if (!look(other)) causes.add(name);
    }
    return found;
  };
  look(target);
  return [...causes];
}
