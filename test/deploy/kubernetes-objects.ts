import { createRequire } from 'node:module';
import { parseAllDocuments } from 'yaml';

/** Any object of Kubernetes; its `spec` is looked at without types. */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the schemas have judged it, and each test knows which object it has
  readonly spec?: any;
  readonly data?: Readonly<Record<string, string>>;
};

type Model = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly prototype: { readonly validate: () => void };
};

// Not imported: the declarations of the packages are not as strict as ours.
const require = createRequire(import.meta.url);
const MODELS = new Map(
  [
    require('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/Probe').Probe,
    require('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule').PrometheusRule,
    require('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor').ServiceMonitor,
    require('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1/ScrapeConfig').ScrapeConfig,
    require('kubernetes-models/apps/v1/Deployment').Deployment,
    require('kubernetes-models/apps/v1/StatefulSet').StatefulSet,
    require('kubernetes-models/networking.k8s.io/v1/NetworkPolicy').NetworkPolicy,
    require('kubernetes-models/policy/v1/PodDisruptionBudget').PodDisruptionBudget,
    require('kubernetes-models/v1/ConfigMap').ConfigMap,
    require('kubernetes-models/v1/Namespace').Namespace,
    require('kubernetes-models/v1/Service').Service,
    require('kubernetes-models/v1/ServiceAccount').ServiceAccount,
  ].map((model: Model) => [`${model.apiVersion} ${model.kind}`, model]),
);

/** Newer than the schemas. The last two are as in ServiceMonitor, where they are judged. */
const NEWER =
  /^(?:PrometheusRule\/spec\/groups\/\d+\/rules\/\d+\/keep_firing_for|ScrapeConfig\/spec\/(?:httpSDConfigs\/\d+\/)?(?:basicAuth|tlsConfig)(?:\/.*)?)$/;

/** The objects of a file of manifests. Throws where it is not YAML. */
export function objectsOf(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0 || document.warnings.length > 0)
      throw new Error(String([...document.errors, ...document.warnings][0]));
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}

/** What the schema of its kind has against an object, unknown keys included: they would be dropped, or refused, by Kubernetes. */
export function problemsOf(object: KubernetesObject): string[] {
  const model = MODELS.get(`${object.apiVersion} ${object.kind}`);
  if (model === undefined) return [`there is no schema of ${object.apiVersion} ${object.kind}`];
  const unread: (() => string[])[] = [];
  const watched = watchReads(object, object.kind, unread);
  try {
    model.prototype.validate.call(watched);
  } catch (error) {
    return [`${object.kind}: ${error instanceof Error ? error.message : error}`];
  }
  const unknown = unread.flatMap((keys) => keys()).filter((path) => !NEWER.test(path));
  return unknown.map((path) => `${path} is unknown`);
}

/** The schemas allow every key, but look only at those that they know: a key that nobody has read is unknown. */
function watchReads(value: unknown, path: string, unread: (() => string[])[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const read = new Set<string | symbol>();
  const children = new Map<string | symbol, unknown>(
    Object.entries(value).map(([key, child]) => [key, watchReads(child, `${path}/${key}`, unread)]),
  );
  unread.push(() => Object.keys(value).flatMap((key) => (read.has(key) ? [] : [`${path}/${key}`])));
  return new Proxy(value, {
    get: (target, key) => {
      read.add(key);
      return children.has(key) ? children.get(key) : Reflect.get(target, key);
    },
  });
}
