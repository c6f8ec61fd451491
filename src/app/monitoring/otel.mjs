/**
 * Sends the spans of barewire to a collector: `node --import ./otel.mjs dist/server.js`. It needs three packages:
 * `npm install @opentelemetry/resources @opentelemetry/sdk-trace-node @opentelemetry/exporter-trace-otlp-http`.
 * The variables of OpenTelemetry apply, such as OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and OTEL_EXPORTER_OTLP_ENDPOINT
 * (http://localhost:4318 by default).
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const provider = new NodeTracerProvider({
  resource: defaultResource().merge(detectResources({ detectors: [envDetector] })),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
// Sends what waits before the server exits. It still records the calls that the server finishes, and sends them with the next batch.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void provider.forceFlush());
