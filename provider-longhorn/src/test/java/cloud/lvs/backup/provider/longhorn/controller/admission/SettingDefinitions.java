package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** The settings that a backup client may meet: since when they are, what they may be, and the words of a refusal. */
final class SettingDefinitions {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Release release;
    private final Map<String, Definition> all = new LinkedHashMap<>();

    SettingDefinitions(Release release) {
        this.release = release;
        number("failed-backup-ttl", "Failed Backup Time to Live", "1.3", 0);
        number("concurrent-volume-backup-restore-per-node-limit", "Concurrent Volume Backup Restore Limit", "1.4", 0);
        number("recurring-job-max-retention", "Maximum Retention Number for Recurring Job", "1.6", 1);
        number("snapshot-max-count", "Snapshot Maximum Count", "1.6", 2);
        number("backup-execution-timeout", "Backup Execution Timeout", "1.7", 1);
        all.put("default-replica-count", new Definition("Default Replica Count", "1.0", Kind.PER_ENGINE, 1, ""));
        choice("backup-compression-method", "Backup Compression Method", "1.4", "none lz4 gzip");
        choice("default-backup-block-size", "Default Backup Block Size", "1.10", "2 16");
        truth("auto-cleanup-when-delete-backup", "Automatically Cleanup Snapshot When Deleting Backup", "1.7");
        truth(
                "auto-cleanup-recurring-job-backup-snapshot",
                "Automatically Cleanup Recurring Job Backup Snapshot",
                "1.6");
        truth(
                "auto-cleanup-snapshot-after-on-demand-backup-completed",
                "Automatically Cleanup Snapshot After On-Demand Backup Completed",
                "1.9");
        truth("allow-recurring-job-while-volume-detached", "Allow Recurring Job While Volume Is Detached", "1.0");
        truth("restore-volume-recurring-jobs", "Restore Volume Recurring Jobs", "1.4");
        truth("disable-snapshot-purge", "Disable Snapshot Purge", "1.5");
        truth("v2-data-engine", "V2 Data Engine", "1.5");
        truth(
                "allow-volume-creation-with-degraded-availability",
                "Allow Volume Creation with Degraded Availability",
                "1.1");
        text("default-longhorn-static-storage-class", "1.3");
        if (release.before("1.8")) {
            text("backup-target", "1.0");
            text("backup-target-credential-secret", "1.0");
            number("backupstore-poll-interval", "Backupstore Poll Interval", "1.0", 0);
        }
    }

    private enum Kind {
        NUMBER,
        PER_ENGINE,
        CHOICE,
        TRUTH,
        TEXT
    }

    private record Definition(String title, String since, Kind kind, int least, String choices) {}

    private void number(String name, String title, String since, int least) {
        all.put(name, new Definition(title, since, Kind.NUMBER, least, ""));
    }

    private void choice(String name, String title, String since, String choices) {
        all.put(name, new Definition(title, since, Kind.CHOICE, 0, choices));
    }

    private void truth(String name, String title, String since) {
        all.put(name, new Definition(title, since, Kind.TRUTH, 0, ""));
    }

    private void text(String name, String since) {
        all.put(name, new Definition("", since, Kind.TEXT, 0, ""));
    }

    boolean known(String name) {
        Definition definition = all.get(name);
        return definition != null && release.since(definition.since());
    }

    boolean perEngine(String name) {
        Definition definition = all.get(name);
        return definition != null && definition.kind() == Kind.PER_ENGINE;
    }

    /** What is wrong with a value, empty when nothing is. */
    Optional<String> check(String name, String value) {
        Definition definition = all.get(name);
        if (definition == null) {
            return Optional.empty();
        }
        Optional<String> wrong = switch (definition.kind()) {
            case NUMBER -> number(name, definition, value);
            case PER_ENGINE -> perEngine(name, definition, value);
            case CHOICE -> choice(name, definition, value);
            case TRUTH -> truth(definition, value);
            case TEXT -> Optional.empty();
        };
        boolean named = release.since("1.7") && release.before("1.10");
        return named ? wrong.map(text -> "failed to validate the setting " + name + ": " + text) : wrong;
    }

    private Optional<String> number(String name, Definition definition, String value) {
        if (!value.matches("-?\\d+")) {
            return notANumber(name, definition, value);
        }
        if (Integer.parseInt(value) >= definition.least()) {
            return Optional.empty();
        }
        if (release.since("1.10")) {
            return Optional.of(
                    "value " + value + " for data engine all should be larger than or equal to " + definition.least());
        }
        return Optional.of(
                release.since("1.7")
                        ? "value " + value + " should be larger than " + definition.least()
                        : "the value " + value + " shouldn't be less than 0");
    }

    private Optional<String> notANumber(String name, Definition definition, String value) {
        if (release.since("1.10")) {
            return Optional.of("failed to parse value " + value + " for setting " + definition.title()
                    + ": failed to parse single int value " + value + ": strconv.ParseInt: parsing \"" + value
                    + "\": invalid syntax");
        }
        String parsing = ": strconv.Atoi: parsing \"" + value.replace("\"", "\\\"") + "\": invalid syntax";
        if (release.since("1.7")) {
            return Optional.of("value " + value + " is not a number" + parsing);
        }
        if (name.equals("failed-backup-ttl")) {
            return release.since("1.6") ? Optional.of("value 0 is not a number" + parsing) : Optional.empty();
        }
        return Optional.of("value " + value + " is not number" + parsing);
    }

    private Optional<String> perEngine(String name, Definition definition, String value) {
        if (release.before("1.10")) {
            if (!value.matches("-?\\d+")) {
                return notANumber(name, definition, value);
            }
            if (Integer.parseInt(value) >= definition.least()) {
                return Optional.empty();
            }
            return Optional.of(
                    release.since("1.7")
                            ? "value " + value + " should be larger than " + definition.least()
                            : "failed to validate replica count " + value
                                    + ": replica count value must between 1 to 20");
        }
        StringJoiner wrong = new StringJoiner("\n");
        read(value).properties().forEach(engine -> {
            if (engine.getValue().asInt() < definition.least()) {
                wrong.add("value " + engine.getValue().asText() + " for data engine " + engine.getKey()
                        + " should be larger than or equal to " + definition.least());
            }
        });
        return Optional.of(wrong.toString()).filter(text -> !text.isEmpty());
    }

    private static JsonNode read(String value) {
        try {
            return JSON.readTree(value);
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode().put("v1", value);
        }
    }

    private Optional<String> choice(String name, Definition definition, String value) {
        if ((" " + definition.choices() + " ").contains(" " + value + " ")) {
            return Optional.empty();
        }
        return Optional.of(
                release.since("1.7")
                        ? "value " + value + " is not a valid choice, available choices [" + definition.choices() + "]"
                        : "the value of " + name + " is invalid: invalid backup compression method: " + value);
    }

    private Optional<String> truth(Definition definition, String value) {
        if (value.equals("true") || value.equals("false")) {
            return Optional.empty();
        }
        return Optional.of(
                release.since("1.10")
                        ? "failed to parse value " + value + " for setting " + definition.title()
                                + ": failed to parse single bool value " + value + ": strconv.ParseBool: parsing \""
                                + value + "\": invalid syntax"
                        : "value " + value + " should be true or false");
    }
}
