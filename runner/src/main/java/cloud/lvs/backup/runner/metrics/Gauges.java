package cloud.lvs.backup.runner.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values that were measured at one time. What could not be measured is not in it. */
public final class Gauges {
    /** The content type of {@link #text()}. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    /**
     * A value.
     *
     * @param labels by name
     */
    public record Sample(Metric metric, SortedMap<String, String> labels, double value) {}

    private final List<Sample> samples = new ArrayList<>();

    /** Adds a value; each combination of labels only once. */
    public void set(Metric metric, Map<String, String> labels, double value) {
        samples.add(new Sample(metric, new TreeMap<>(labels), value));
    }

    /** Adds a time, if there is one. */
    public void set(Metric metric, Map<String, String> labels, @Nullable Instant time) {
        if (time != null) {
            set(metric, labels, time.toEpochMilli() / 1000.0);
        }
    }

    /** As they were added. */
    public List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** In the text format of Prometheus. */
    public String text() {
        Map<Metric, GaugeSnapshot.Builder> gauges = new EnumMap<>(Metric.class);
        for (Sample sample : samples) {
            gauges.computeIfAbsent(
                            sample.metric(),
                            metric ->
                                    GaugeSnapshot.builder().name(metric.text()).help(metric.help()))
                    .dataPoint(GaugeDataPointSnapshot.builder()
                            .labels(labels(sample))
                            .value(sample.value())
                            .build());
        }
        var out = new ByteArrayOutputStream();
        try {
            MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
            gauges.values().forEach(gauge -> snapshots.metricSnapshot(gauge.build()));
            PrometheusTextFormatWriter.create().write(out, snapshots.build(), EscapingScheme.ALLOW_UTF8);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Labels labels(Sample sample) {
        return Labels.of(
                sample.labels().keySet().toArray(String[]::new),
                sample.labels().values().toArray(String[]::new));
    }

    /** As documents show them. */
    public List<Map<String, Object>> trees() {
        List<Map<String, Object>> trees = new ArrayList<>();
        for (Sample sample : samples) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("name", sample.metric().text());
            tree.put("labels", sample.labels());
            tree.put("value", sample.value());
            trees.add(tree);
        }
        return trees;
    }
}
