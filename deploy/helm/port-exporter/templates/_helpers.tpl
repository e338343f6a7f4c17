{{/* The name of everything. */}}
{{- define "port-exporter.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | replace "." "-" | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | replace "." "-" | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The service that gives each pod a name. */}}
{{- define "port-exporter.pods" -}}
{{- printf "%s-pods" (include "port-exporter.fullname" .) -}}
{{- end -}}

{{/* How many milliseconds a duration is, such as 1m30s. */}}
{{- define "port-exporter.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 -}}
{{- $all := 0 -}}
{{- range regexFindAll "[0-9]+(ms|s|m|h|d)" . -1 -}}
{{- $all = add $all (mul (regexFind "[0-9]+" .) (get $units (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- $all -}}
{{- end -}}

{{- define "port-exporter.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "port-exporter.labels" -}}
{{ include "port-exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "port-exporter.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "port-exporter.configMap" -}}
{{- .Values.existingConfigMap | default (include "port-exporter.fullname" .) -}}
{{- end -}}

{{- define "port-exporter.scheme" -}}
{{- ternary "https" "http" .Values.webConfig.tls -}}
{{- end -}}

{{/* How the kubelet asks. Logins, client certificates and limits of the web configuration keep it out: then it sees only whether there is a
connection. */}}
{{- define "port-exporter.health" -}}
{{- if .Values.webConfig.existingSecret -}}
tcpSocket: { port: http }
{{- else -}}
httpGet: { path: {{ .path }}, port: http }
{{- end -}}
{{- end -}}

{{/* What is added to the name of a pod to make it the only one of all places. A location that only the pod knows cannot be. */}}
{{- define "port-exporter.place" -}}
{{- if and .Values.location (not (contains "$" .Values.location)) -}}
{{- printf ".%s" .Values.location -}}
{{- end -}}
{{- end -}}

{{/* How Prometheus gets in, as in the objects of prometheus-operator. */}}
{{- define "port-exporter.access" -}}
{{- with .Values.webConfig.loginSecret -}}
basicAuth:
  username: { name: {{ . | quote }}, key: username }
  password: { name: {{ . | quote }}, key: password }
{{- end }}
{{- with .Values.webConfig.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}
