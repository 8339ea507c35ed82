{{- /* Whether gateways ask the API server too. */ -}}
{{- define "maas.gatewayAsks" -}}
{{- if and (ne (include "maas.kubernetesAuth" .) "off") (or (eq .Values.tokenIssuer "serviceaccount") .Values.accessReviews) -}}
true
{{- else -}}
false
{{- end -}}
{{- end -}}

{{/* To YAML an unquoted off is the boolean false. */}}
{{- define "maas.kubernetesAuth" -}}
{{- if kindIs "bool" .Values.api.kubernetesAuth }}off{{ else }}{{ .Values.api.kubernetesAuth }}{{ end -}}
{{- end -}}
