package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The webhooks for RecurringJobs. */
final class RecurringJobWebhook implements Webhook {
    private static final Pattern NAME = Pattern.compile("^[a-zA-Z0-9][a-zA-Z0-9_.-]+$");
    private static final Pattern LABEL_KEY = Pattern.compile("([^/]*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final int LONGEST_NAME = 40;

    private final Lookup lookup;

    RecurringJobWebhook(Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public Set<Operation> mutates() {
        return Set.of(Operation.CREATE, Operation.UPDATE);
    }

    @Override
    public Set<Operation> validates() {
        return Set.of(Operation.CREATE, Operation.UPDATE);
    }

    @Override
    public void mutate(Review review) {
        Release release = lookup.release();
        if (review.operation() == Operation.CREATE) {
            String name = review.key().name();
            if (release.since("1.9") && review.spec().path("name").asText().isEmpty()) {
                review.replace("name", name);
            }
            review.object().withObjectProperty("metadata").put("name", name.toLowerCase(Locale.ROOT));
        }
        empty(review, "groups", review.object().arrayNode());
        empty(review, "labels", review.object().objectNode());
        if (release.since("1.7")) {
            empty(review, "parameters", review.object().objectNode());
        }
        if (release.since("1.11") && review.spec().path("concurrency").asInt() == 0) {
            review.replace("concurrency", review.object().numberNode(10));
        }
        int retain = review.spec().path("retain").asInt();
        switch (review.spec().path("task").asText()) {
            case "snapshot-cleanup", "filesystem-trim" ->
                review.replace("retain", review.object().numberNode(0));
            case "snapshot-delete" -> review.replace("retain", review.object().numberNode(Math.max(0, retain)));
            default -> review.replace("retain", review.object().numberNode(Math.max(1, retain)));
        }
    }

    private static void empty(Review review, String field, JsonNode value) {
        if (!review.spec().hasNonNull(field)) {
            review.replace(field, value);
        }
    }

    @Override
    public void validate(Review review) {
        JsonNode spec = review.spec();
        String name = spec.path("name").asText();
        if (name.isEmpty() || spec.path("cron").asText().isEmpty()) {
            throw Denial.invalid("invalid job " + print(spec), "");
        }
        int retain = spec.path("retain").asInt();
        int most = Integer.parseInt(lookup.cluster().setting("recurring-job-max-retention", "100"));
        if (retain > most) {
            throw Denial.invalid("retain value should be less than or equal to " + most, "");
        }
        if (!NAME.matcher(name).matches()) {
            throw Denial.invalid("invalid name " + name, "");
        }
        if (name.length() > LONGEST_NAME) {
            throw Denial.invalid("job name " + name + " must be " + LONGEST_NAME + " characters or less", "");
        }
        for (JsonNode group : spec.path("groups")) {
            if (!NAME.matcher(group.asText()).matches()) {
                throw Denial.invalid("invalid group name " + group.asText(), "");
            }
        }
        Cron.check(spec.path("cron").asText()).ifPresent(wrong -> {
            throw Denial.invalid("invalid cron format(" + spec.path("cron").asText() + "): " + wrong, "");
        });
        labels(spec.path("labels"));
        if (lookup.release().since("1.7")) {
            parameters(spec);
        }
    }

    private static void labels(JsonNode labels) {
        labels.properties().forEach(label -> {
            String key = label.getKey();
            if (!LABEL_KEY.matcher(key).matches()) {
                throw Denial.invalid(
                        "at least one error encountered while validating backup label with key " + key
                                + ": name part must consist of alphanumeric characters, '-', '_' or '.', and must start"
                                + " and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or"
                                + " '123-abc', regex used for validation is"
                                + " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                        "");
            }
            if (label.getValue().asText().isEmpty()) {
                throw Denial.invalid("value for label with key " + key + " cannot be empty", "");
            }
            if (key.equals("KubernetesStatus") || key.equals("ranchervm-base-image")) {
                throw Denial.invalid("specified snapshot backup labels contain reserved keyword " + key, "");
            }
        });
    }

    private static void parameters(JsonNode spec) {
        if (!spec.path("task").asText().startsWith("backup")) {
            return;
        }
        String failed = "failed to validate recurring job backup task parameters: ";
        spec.path("parameters").properties().forEach(parameter -> {
            String text = parameter.getKey() + ":" + parameter.getValue().asText();
            if (!parameter.getKey().equals("full-backup-interval")) {
                throw Denial.invalid(failed + text + " is not a valid parameter", "");
            }
            if (!parameter.getValue().asText().matches("-?\\d+")) {
                throw Denial.invalid(
                        failed + text + " is not number: strconv.Atoi: parsing \""
                                + parameter.getValue().asText() + "\": invalid syntax",
                        "");
            }
        });
    }

    private String print(JsonNode spec) {
        StringJoiner groups = new StringJoiner(" ", "[", "]");
        spec.path("groups").forEach(group -> groups.add(group.asText()));
        String parameters = lookup.release().since("1.7") ? " Parameters:" + printMap(spec.path("parameters")) : "";
        return "{Name:" + spec.path("name").asText() + " Groups:" + groups + " Task:"
                + spec.path("task").asText() + " Cron:" + spec.path("cron").asText() + " Retain:"
                + spec.path("retain").asInt() + " Concurrency:"
                + spec.path("concurrency").asInt() + " Labels:" + printMap(spec.path("labels")) + parameters + "}";
    }

    private static String printMap(JsonNode map) {
        TreeMap<String, String> sorted = new TreeMap<>();
        map.properties()
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue().asText()));
        StringJoiner text = new StringJoiner(" ", "map[", "]");
        sorted.forEach((key, value) -> text.add(key + ":" + value));
        return text.toString();
    }
}
