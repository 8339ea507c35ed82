{{- /* Whether gateways ask the API server too. */ -}}
{{- define "maas.gatewayAsks" -}}
{{- if and (ne .Values.api.kubernetesAuth "off") (or (eq .Values.tokenIssuer "serviceaccount") .Values.accessReviews) -}}
true
{{- else -}}
false
{{- end -}}
{{- end -}}
