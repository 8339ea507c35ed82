{{- /* Settings that another value decides, by what to set instead; a ConfigMap that said otherwise would break the rest. */ -}}
{{- define "maas.decidedElsewhere" -}}
PORT: ports.http, which probes, Services and policies follow
METRICS_PORT: ports.metrics, which probes, the ServiceMonitor and policies follow
METRICS_HOST: nothing, for probes and the monitoring come from other machines; the NetworkPolicy says who may
PUBLIC_URL: host
MAAS_ROLE: nothing, for each Deployment has its own
MAAS_DATA_DIR: gateway.dataClaim and api.dataClaim, which are mounted where the data folder is
MAAS_DEMO_PASSWORD: nothing, for it is for the embedded database alone
SIGNING_KEYS_FILE: secretName, the Secret that has signing-keys.json
TIERS_CONFIG_MAP: tiersConfigMap, which gives the right to read it too
KSERVE_DISCOVERY: kserve.enabled, which gives the right to watch too
KSERVE_NAMESPACES: kserve.namespaces, which gives the right to watch them too
KUBERNETES_AUTH: api.kubernetesAuth, which gives the right to ask too
TOKEN_ISSUER: tokenIssuer, which gives the rights for it too
INSTANCE_NAME: instanceName, for which the namespaces of tiers are made
{{- end -}}

{{- /* Settings that are secret: a ConfigMap is no place for them. */ -}}
{{- define "maas.secretNames" -}}
[DATABASE_URL, REDIS_URL, ENCRYPTION_KEY, OIDC_CLIENT_SECRET, OPENSHIFT_CLIENT_SECRET, OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_TRACES_HEADERS]
{{- end -}}

{{- /* Of these, what pods have from the Secret by its own keys. */ -}}
{{- define "maas.ownSecretNames" -}}
[DATABASE_URL, REDIS_URL, ENCRYPTION_KEY]
{{- end -}}

{{- /* What has not the form it needs. The schema would say by a pattern what is said here in words. */ -}}
{{- define "maas.formProblems" -}}
{{- $name := "[a-z0-9]([-a-z0-9]*[a-z0-9])?" -}}
{{- if not (regexMatch (printf `^%s(\.%s)*$` $name $name) .Values.host) }}
  - host is not a name: give the name alone, in lower case and without https://, port and path, such as maas.example.com
{{- end }}
{{- if not (regexMatch "^[a-z0-9]([a-z0-9-]{0,29}[a-z0-9])?$" .Values.instanceName) }}
  - instanceName begins the names of namespaces: it is at most 31 lower-case letters, digits and inner hyphens
{{- end }}
{{- range $name, $value := dict "streamTimeout" .Values.streamTimeout "config.UPSTREAM_TOTAL_TIMEOUT" (get .Values.config "UPSTREAM_TOTAL_TIMEOUT" | default "30m") }}
{{- if not (regexMatch "^[1-9][0-9]{0,4}[smh]$" (toString $value)) }}
  - {{ $name }} is one whole number with the unit s, m or h, such as 31m: routers take no other form
{{- end }}
{{- end }}
{{- range $name := list "DRAIN_DELAY" "DRAIN_TIMEOUT" }}
{{- if not (regexMatch "^[0-9]{1,5}s$" (toString (get $.Values.config $name))) }}
  - config.{{ $name }} is whole seconds, such as 120s: the time that pods are given to end is counted from it
{{- end }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{- if and (kindIs "float64" $value) (or (gt $value 9007199254740991.0) (lt $value -9007199254740991.0)) }}
  - config.{{ $name }} has more digits than a number in YAML keeps: put it in quotes
{{- end }}
{{- end }}
{{- with get .Values.config "WEB_CONCURRENCY" }}
{{- if not (regexMatch "^[1-9][0-9]{0,2}$" (toString .)) }}
  - config.WEB_CONCURRENCY is a number here, for MAAS_MAX_PROCESSES has to count with it
{{- end }}
{{- end }}
{{- end -}}

{{- /* What secretSettings may not name: what is no setting, and what pods have from the Secret anyway. */ -}}
{{- define "maas.secretProblems" -}}
{{- $known := include "maas.settingNames" . | fromYamlArray -}}
{{- range $name, $_ := .Values.secretSettings }}
{{- if has $name (include "maas.ownSecretNames" $ | fromYamlArray) }}
  - secretSettings.{{ $name }} cannot be set: leave it out, for pods have it from the key {{ $name | lower | replace "_" "-" }} of the Secret {{ $.Values.secretName }}
{{- else if not (or (has $name $known) (regexMatch (include "maas.foreignSetting" $) $name)) }}
  - secretSettings.{{ $name }} is no setting: docs/operate.md has the names that there are
{{- end }}
{{- end }}
{{- end -}}

{{- /* What pods need to be placed, and to be ended before their node is out of memory. */ -}}
{{- define "maas.resourceProblems" -}}
{{- range $role := list "gateway" "api" }}
{{- $resources := get (get $.Values $role) "resources" | default dict }}
{{- range $path := list "requests.cpu" "requests.memory" "limits.memory" }}
{{- $part := splitList "." $path }}
{{- if not (get (get $resources (first $part) | default dict) (last $part)) }}
  - {{ $role }}.resources.{{ $path }} is missing: say how much, or leave {{ $role }}.resources out for what the chart has
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Settings that mean nothing without others, as the program says too. */ -}}
{{- define "maas.groupProblems" -}}
{{- $given := concat (keys .Values.config) (keys .Values.secretSettings) -}}
{{- $groups := dict
  "TLS" (list "TLS_CERT_FILE" "TLS_KEY_FILE")
  "OIDC" (list "OIDC_ISSUER" "OIDC_CLIENT_ID")
  "OPENSHIFT" (list "OPENSHIFT_OAUTH_URL" "OPENSHIFT_CLIENT_ID" "OPENSHIFT_CLIENT_SECRET") -}}
{{- range $prefix, $needed := $groups }}
{{- $begun := list -}}
{{- range $name := $given }}{{- if hasPrefix (printf "%s_" $prefix) $name }}{{- $begun = append $begun $name }}{{- end }}{{- end }}
{{- range $name := $needed }}
{{- if and $begun (not (has $name $given)) }}
  - config.{{ $name }} is missing: {{ join ", " $needed }} go together{{ if hasSuffix "SECRET" $name }}, and a secret is named by secretSettings{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "maas.problems" -}}
{{- $config := .Values.config -}}
{{- include "maas.formProblems" . }}
{{- range $name, $instead := include "maas.decidedElsewhere" . | fromYaml -}}
{{- if hasKey $config $name }}
  - config.{{ $name }} cannot be set: set {{ $instead }}
{{- end }}
{{- if hasKey $.Values.secretSettings $name }}
  - secretSettings.{{ $name }} cannot be set: set {{ $instead }}
{{- end }}
{{- end -}}
{{- range $name := include "maas.secretNames" . | fromYamlArray -}}
{{- if hasKey $config $name }}
  - config.{{ $name }} would be in a ConfigMap, which is no place for a secret: put it into the Secret {{ $.Values.secretName }}
    {{- if has $name (include "maas.ownSecretNames" $ | fromYamlArray) }} under the key {{ $name | lower | replace "_" "-" }}
    {{- else }}, and name its key by secretSettings.{{ $name }}{{ end }}
{{- end }}
{{- end -}}
{{- include "maas.secretProblems" . }}
{{- include "maas.groupProblems" . }}
{{- include "maas.resourceProblems" . }}
{{- if regexMatch ":[^/]*$" .Values.image.repository }}
  - image.repository ends in a tag: leave it out there, and set image.tag to it
{{- end }}
{{- if eq .Values.image.tag "latest" }}
  - image.tag is latest, which moves: name a version, so that all pods run the same one and an upgrade can be undone
{{- end }}
{{- if eq (int .Values.ports.http) (int .Values.ports.metrics) }}
  - ports.http and ports.metrics are the same: metrics need a port of their own
{{- end }}
{{- if and (eq .Values.exposure "httpRoute") (empty .Values.parentRefs) }}
  - exposure is httpRoute, so parentRefs must name your Gateway; or set exposure to route or none
{{- end }}
{{- if and (get $config "TLS_CERT_FILE") (ne .Values.exposure "none") }}
  - config.TLS_CERT_FILE is set, and exposure is {{ .Values.exposure }}, which speaks HTTP to the pods and TLS to people: leave it out, or set exposure to none
{{- end }}
{{- if gt (int .Values.gateway.minReplicas) (int .Values.gateway.maxReplicas) }}
  - gateway.minReplicas is more than gateway.maxReplicas: raise the latter, or lower the former
{{- end }}
{{- $most := mul (add1 (int .Values.gateway.maxReplicas)) (int (get $config "WEB_CONCURRENCY" | default 1)) }}
{{- if lt (int $config.MAAS_MAX_PROCESSES) (int $most) }}
  - config.MAAS_MAX_PROCESSES is less than {{ $most }}, the most gateway processes at once (gateway.maxReplicas and one more during an update, times WEB_CONCURRENCY): set it to {{ $most }} or more
{{- end }}
{{- $total := get $config "UPSTREAM_TOTAL_TIMEOUT" | default "30m" }}
{{- if le (int (include "maas.seconds" .Values.streamTimeout)) (int (include "maas.seconds" $total)) }}
  - streamTimeout is not longer than UPSTREAM_TOTAL_TIMEOUT ({{ $total }}), so that long answers would be cut off without a word: raise it, or lower config.UPSTREAM_TOTAL_TIMEOUT
{{- end }}
{{- include "maas.clusterProblems" . }}
{{- end -}}

{{- /* What only a cluster that is asked can do. */ -}}
{{- define "maas.clusterProblems" -}}
{{- $asks := ne (include "maas.kubernetesAuth" .) "off" -}}
{{- if and (eq .Values.tokenIssuer "serviceaccount") (not $asks) }}
  - tokenIssuer is serviceaccount, and api.kubernetesAuth is off: set it to in-cluster, for the cluster is asked whether its tokens are good
{{- end }}
{{- if and .Values.accessReviews (not $asks) }}
  - accessReviews is true, and api.kubernetesAuth is off: set it to in-cluster, for only people of the cluster are asked about
{{- end }}
{{- range $name := list "ADMIN_ACCESS_REVIEW" "MODEL_ACCESS_REVIEW" }}
{{- if and (get $.Values.config $name) (not $.Values.accessReviews) }}
  - config.{{ $name }} is set, and accessReviews is false: set it to true, for the platform needs the right to ask
{{- end }}
{{- end }}
{{- with get .Values.config "TOKEN_MAX_LIFETIME" }}
{{- if and (regexMatch "^[0-9]+[smh]$" (toString .)) (lt (int (include "maas.seconds" .)) 600) }}
  - config.TOKEN_MAX_LIFETIME is less than 10m, the shortest that tokens are issued for: raise it, or leave it out
{{- end }}
{{- end }}
{{- if eq .Values.tokenIssuer "serviceaccount" }}
{{- range $tier := .Values.tiers }}
{{- if gt (len (printf "%s-tier-%s" $.Values.instanceName $tier)) 63 }}
  - the namespace {{ $.Values.instanceName }}-tier-{{ $tier }} has more than 63 characters: choose a shorter instanceName, or a tier with a shorter name
{{- end }}
{{- end }}
{{- end }}
{{- if and .Values.kserve.namespaces (not .Values.kserve.enabled) }}
  - kserve.namespaces is set, and kserve.enabled is false: set it to true, or leave the namespaces out
{{- end }}
{{- end -}}
