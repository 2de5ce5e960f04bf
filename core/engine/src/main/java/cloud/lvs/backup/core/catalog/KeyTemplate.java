package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ObjectKey;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How payload keys look, e.g. {@code {yyyy}/{MM}/{artifact}-{timestamp}-{run}{ext}}: for people and for other tools; this
 * tool never parses them.
 *
 * <p>Placeholders: {@code {yyyy} {MM} {dd}} of the run's timestamp in UTC, {@code {job}}, {@code {artifact}} (the key
 * stem), {@code {timestamp}} ({@code yyyyMMdd'T'HHmmss'Z'}), {@code {run}} and {@code {ext}}. {@code {artifact}},
 * {@code {run}} and {@code {ext}} are always in it, so that no two artifacts share a key, and it ends with {@code {ext}}.
 */
public final class KeyTemplate {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
    private static final Set<String> KNOWN =
            new TreeSet<>(Set.of("yyyy", "MM", "dd", "job", "artifact", "timestamp", "run", "ext"));

    /** The layout of the jobs this tool replaces, made unique by the run id. */
    public static final KeyTemplate DEFAULT = new KeyTemplate("{yyyy}/{MM}/{artifact}-{timestamp}-{run}{ext}");

    private final String template;

    /** @throws IllegalArgumentException if a placeholder is unknown or missing, or the key would not be valid */
    public KeyTemplate(String template) {
        this.template = template;
        Matcher matcher = PLACEHOLDER.matcher(template);
        while (matcher.find()) {
            if (!KNOWN.contains(matcher.group(1))) {
                throw new IllegalArgumentException("key template '" + template + "' has the unknown placeholder {"
                        + matcher.group(1) + "}; known: " + KNOWN);
            }
        }
        for (String needed : new String[] {"{artifact}", "{run}", "{ext}"}) {
            if (!template.contains(needed)) {
                throw new IllegalArgumentException("key template '" + template + "' lacks " + needed);
            }
        }
        if (!template.endsWith("{ext}")) {
            throw new IllegalArgumentException("key template '" + template + "' does not end with {ext}");
        }
        if (template.startsWith(".lvs-backup")) {
            throw new IllegalArgumentException("key template '" + template + "' leads into the journal");
        }
        if (!ObjectKey.isValid(PLACEHOLDER.matcher(template).replaceAll("x"))) {
            throw new IllegalArgumentException("key template '" + template
                    + "' gives no valid key: no empty, '.' or '..' segment, no backslash, no control character");
        }
    }

    /**
     * The key of an artifact.
     *
     * @param codecExtension what the pipeline appends, e.g. {@code .zst.age}
     */
    public ObjectKey keyOf(BackupId id, Artifact artifact, String codecExtension) {
        String timestamp = BackupId.format(id.timestamp());
        Map<String, String> values = Map.of(
                "yyyy", timestamp.substring(0, 4),
                "MM", timestamp.substring(4, 6),
                "dd", timestamp.substring(6, 8),
                "job", id.job(),
                "artifact", artifact.stem(),
                "timestamp", timestamp,
                "run", id.run().value(),
                "ext", artifact.extension() + codecExtension);
        return new ObjectKey(PLACEHOLDER
                .matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(values.getOrDefault(match.group(1), ""))));
    }

    @Override
    public String toString() {
        return template;
    }
}
