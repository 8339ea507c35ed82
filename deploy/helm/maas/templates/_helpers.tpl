{{- /* Of every object. Selectors take the first and the component alone, for they cannot change. */ -}}
{{- define "maas.labels" -}}
app.kubernetes.io/name: maas
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ include "maas.versionLabel" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* The tag, as far as a label may have it: that ends, and begins, with a letter or digit. */ -}}
{{- define "maas.versionLabel" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion | trunc 63 -}}
{{- regexReplaceAll "^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$" $tag "" -}}
{{- end -}}

{{- define "maas.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- .Values.image.repository }}:{{ $tag }}{{ with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- /* Whether gateways ask the API server too. */ -}}
{{- define "maas.gatewayAsks" -}}
{{- and (ne (include "maas.kubernetesAuth" .) "off") (or (eq .Values.tokenIssuer "serviceaccount") .Values.accessReviews) -}}
{{- end -}}

{{- /* To YAML an unquoted off is the boolean false. */ -}}
{{- define "maas.kubernetesAuth" -}}
{{- if kindIs "bool" .Values.api.kubernetesAuth }}off{{ else }}{{ .Values.api.kubernetesAuth }}{{ end -}}
{{- end -}}

{{- /*
A setting as the program reads it: of (dict "name" … "value" …). To YAML an unquoted on is the boolean true, and Helm would
write the whole numbers of a file with an exponent.
*/ -}}
{{- define "maas.setting" -}}
{{- if and (kindIs "bool" .value) (has .name (include "maas.onOrOff" . | fromYamlArray)) -}}
{{- .value | ternary "on" "off" -}}
{{- else if and (kindIs "float64" .value) (eq (floor .value) .value) -}}
{{- printf "%.0f" .value -}}
{{- else -}}
{{- .value -}}
{{- end -}}
{{- end -}}

{{- /* Settings that are on or off. */ -}}
{{- define "maas.onOrOff" -}}
[LOG_REQUESTS]
{{- end -}}

{{- /* OpenShift gives pods a group of the namespace's range, and admits no other. */ -}}
{{- define "maas.isOpenShift" -}}
{{- or (eq .Values.exposure "route") (.Capabilities.APIVersions.Has "security.openshift.io/v1") -}}
{{- end -}}

{{- /* The group that volumes are made writable for; empty: whatever the cluster does by itself. */ -}}
{{- define "maas.fsGroup" -}}
{{- $group := toString .Values.fsGroup -}}
{{- if eq $group "auto" -}}
{{- if ne (include "maas.isOpenShift" .) "true" }}65532{{ end -}}
{{- else if ne $group "none" -}}
{{- int64 .Values.fsGroup -}}
{{- end -}}
{{- end -}}

{{- /* Seconds of a duration that is one number with one unit, as the schema asks for. */ -}}
{{- define "maas.seconds" -}}
{{- $text := toString . -}}
{{- $unit := regexFind "[smh]$" $text -}}
{{- mul (int64 (trimSuffix $unit $text)) (get (dict "s" 1 "m" 60 "h" 3600) $unit) -}}
{{- end -}}
