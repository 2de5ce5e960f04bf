package cloud.lvs.backup.runner.output;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a line is about; fields of their own in JSON logs. An empty text means that it does not apply.
 *
 * @param job the job's name
 * @param stage what is going on, e.g. {@code capture}
 * @param outcome how it ended, e.g. {@code WARNED}
 */
public record LogFields(String job, String stage, String outcome) {
    /** Nothing in particular. */
    public static final LogFields NONE = new LogFields("", "", "");

    /** A job at a stage. */
    public static LogFields of(String job, String stage) {
        return new LogFields(job, stage, "");
    }

    Map<String, String> asMap() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("job", job);
        fields.put("stage", stage);
        fields.put("outcome", outcome);
        fields.values().removeIf(String::isEmpty);
        return fields;
    }
}
