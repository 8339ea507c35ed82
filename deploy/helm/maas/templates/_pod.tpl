{{- /* The pod of a role: of (dict "root" $ "role" "gateway"). Both run the same image on the same settings. */ -}}
{{- define "maas.pod" -}}
{{- $root := .root -}}
{{- $asksCluster := eq (include "maas.gatewayAsks" $root) "true" -}}
{{- if eq .role "api" -}}
{{- $asksCluster = ne (include "maas.kubernetesAuth" $root) "off" -}}
{{- end -}}
{{- $own := get $root.Values .role -}}
metadata:
  annotations:
    # New settings need new processes.
    checksum/config: {{ include (print $root.Template.BasePath "/config.yaml") $root | sha256sum }}
    {{- with $root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    app.kubernetes.io/name: maas
    app.kubernetes.io/component: {{ .role }}
spec:
  serviceAccountName: maas-{{ .role }}
  automountServiceAccountToken: {{ or $asksCluster (and (eq .role "api") (or $root.Values.kserve.enabled (not (empty $root.Values.tiersConfigMap)))) }}
  # Services would become variables, whose names could be those of settings.
  enableServiceLinks: false
  # DRAIN_DELAY and DRAIN_TIMEOUT, and half a minute to write usage.
  terminationGracePeriodSeconds: {{ add (include "maas.seconds" $root.Values.config.DRAIN_DELAY) (include "maas.seconds" $root.Values.config.DRAIN_TIMEOUT) 30 }}
  {{- with include "maas.placement" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    seccompProfile:
      type: RuntimeDefault
    {{- with include "maas.fsGroup" $root }}
    fsGroup: {{ . }}
    # Not each file of a large journal at every start.
    fsGroupChangePolicy: OnRootMismatch
    {{- end }}
  topologySpreadConstraints:
    {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          app.kubernetes.io/name: maas
          app.kubernetes.io/component: {{ $.role }}
    {{- end }}
  containers:
    - name: {{ .role }}
      image: {{ include "maas.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      ports:
        - name: http
          containerPort: {{ $root.Values.ports.http }}
        - name: metrics
          containerPort: {{ $root.Values.ports.metrics }}
      envFrom:
        - configMapRef:
            name: maas
      env:
        {{- if and (eq .role "api") $root.Values.tiersConfigMap }}
        - name: POD_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        - name: TIERS_CONFIG_MAP
          value: $(POD_NAMESPACE)/{{ $root.Values.tiersConfigMap }}
        {{- end }}
        {{- if or $asksCluster (eq .role "api") }}
        # Tokens of the cluster (`oc whoami -t`) are good.
        - name: KUBERNETES_AUTH
          value: {{ include "maas.kubernetesAuth" $root | quote }}
        {{- end }}
        - name: MAAS_ROLE
          value: {{ .role }}
        # As the ports above; they win over those of the ConfigMap.
        - name: PORT
          value: {{ $root.Values.ports.http | quote }}
        - name: METRICS_PORT
          value: {{ $root.Values.ports.metrics | quote }}
        - name: DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: {{ $root.Values.secretName }}
              key: database-url
        # Without it limits are counted in PostgreSQL.
        - name: REDIS_URL
          valueFrom:
            secretKeyRef:
              name: {{ $root.Values.secretName }}
              key: redis-url
              optional: true
        - name: ENCRYPTION_KEY
          valueFrom:
            secretKeyRef:
              name: {{ $root.Values.secretName }}
              key: encryption-key
        - name: SIGNING_KEYS_FILE
          value: /etc/maas/signing-keys.json
        {{- range $name, $key := $root.Values.secretSettings }}
        - name: {{ $name }}
          valueFrom:
            secretKeyRef:
              name: {{ $root.Values.secretName }}
              key: {{ $key }}
        {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      startupProbe:
        httpGet:
          path: /livez
          port: metrics
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet:
          path: /livez
          port: metrics
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet:
          path: /readyz
          port: metrics
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      resources: {{- toYaml $own.resources | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /data
        - name: signing-keys
          mountPath: /etc/maas
          readOnly: true
        - name: tmp
          mountPath: /tmp
        {{- with $root.Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    # The usage journal and the snapshot. It survives the container, not the pod: docs/operate.md, "On Kubernetes".
    - name: data
      {{- if $own.dataClaim }}
      persistentVolumeClaim:
        claimName: {{ $own.dataClaim }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    - name: signing-keys
      secret:
        secretName: {{ $root.Values.secretName }}
        # 0440: read by the group, which is 0, the one above, or the one that OpenShift chooses.
        defaultMode: 288
        items:
          - key: signing-keys.json
            path: signing-keys.json
    - name: tmp
      emptyDir: {}
    {{- with $root.Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- /* Where pods may run, and what they may pull. */ -}}
{{- define "maas.placement" -}}
{{- range $field := list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
{{- with get $.Values $field }}
{{ $field }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- end -}}
