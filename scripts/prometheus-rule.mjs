// Puts the alerts of deploy/observability into the object that the Prometheus operator reads. Run it after they change.
import { readFileSync, writeFileSync } from 'node:fs';

const deploy = new URL('../deploy/', import.meta.url);
const rules = readFileSync(new URL('observability/prometheus-rules.yaml', deploy), 'utf8');
const object = `# Made by scripts/prometheus-rule.mjs from deploy/observability/prometheus-rules.yaml: change that.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: maas
spec:
${rules.replace(/^#.*\n/gm, '').replace(/^(?=.)/gm, '  ')}`;
writeFileSync(new URL('kustomize/components/monitoring/prometheus-rule.yaml', deploy), object);
