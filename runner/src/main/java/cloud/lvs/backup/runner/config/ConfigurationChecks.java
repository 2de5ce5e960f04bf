package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.Configuration.CopySettings;
import cloud.lvs.backup.runner.config.Configuration.JobSettings;
import cloud.lvs.backup.runner.config.yaml.KeyPaths;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.config.yaml.Node.Scalar.Origin;
import cloud.lvs.backup.runner.config.yaml.Problem;
import cloud.lvs.backup.runner.config.yaml.ProblemCollector;
import cloud.lvs.backup.runner.config.yaml.Suggestions;
import cloud.lvs.backup.runner.config.yaml.TextPosition;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.RunId;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What no single record can check: names that are used and journals that would be shared. */
final class ConfigurationChecks {
    /** What a job may be called, as {@link BackupId} has it. */
    static final String JOB_NAME = "^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$";

    private final Node.Mapping root;
    private final ProblemCollector problems;
    private final ProblemCollector warnings = new ProblemCollector();

    ConfigurationChecks(Node.Mapping root, ProblemCollector problems) {
        this.root = root;
        this.problems = problems;
    }

    List<Problem> warnings() {
        return warnings.sorted();
    }

    /** What can be told from the keys and names alone, however much else is wrong. */
    void checkNames() {
        if (root.entries().containsKey("coverage")) {
            problems.add(
                    keyAt("coverage"), "coverage", "this version does not have 'coverage' yet; remove the section");
        }
        Set<String> sources = keysOf("sources");
        Set<String> sinks = keysOf("sinks");
        for (String job : keysOf("jobs")) {
            checkName(job);
            checkReference("source", sources, valueOf("jobs", job, "source"), "jobs." + job + ".source");
            checkReference("sink", sinks, valueOf("jobs", job, "sink"), "jobs." + job + ".sink");
            if (valueOf("jobs", job, "copies") instanceof Node.Sequence copies) {
                for (int i = 0; i < copies.elements().size(); i++) {
                    if (copies.elements().get(i) instanceof Node.Mapping copy
                            && copy.entries().containsKey("sink")) {
                        checkReference(
                                "sink",
                                sinks,
                                copy.entries().get("sink").value(),
                                "jobs." + job + ".copies[" + i + "].sink");
                    }
                }
            }
        }
    }

    private Set<String> keysOf(String section) {
        return valueOf(section) instanceof Node.Mapping mapping
                ? mapping.entries().keySet()
                : Set.of();
    }

    private void checkReference(String what, Set<String> known, @Nullable Node node, String path) {
        if (node instanceof Node.Scalar scalar
                && (scalar.origin() == Origin.WRITTEN || scalar.origin() == Origin.INTERPOLATED)
                && !known.contains(scalar.text())) {
            problems.add(
                    scalar.location(),
                    path,
                    "there is no " + what + " '" + KeyPaths.shown(scalar.source()) + "'; "
                            + Suggestions.suggestion(scalar.source(), known));
        }
    }

    /** What takes the whole configuration. */
    void check(Configuration configuration) {
        Set<String> unusedSources = new HashSet<>(configuration.sources().keySet());
        Set<String> unusedSinks = new HashSet<>(configuration.sinks().keySet());
        configuration.jobs().forEach((name, job) -> {
            if (job.source() instanceof SourceRef.Named named) {
                unusedSources.remove(named.name());
            }
            unusedSinks.remove(job.sink());
            for (CopySettings copy : job.copies()) {
                unusedSinks.remove(copy.sink());
            }
            checkCopies(name, job, configuration);
        });
        configuration
                .sources()
                .forEach((name, source) -> checkSinksRead("sources", name, source, configuration, unusedSinks));
        configuration.jobs().forEach((name, job) -> {
            if (job.source() instanceof SourceRef.Inline inline) {
                checkSinksRead("jobs", name, inline.source(), configuration, unusedSinks);
            }
        });
        for (String name : unusedSources) {
            warnings.add(keyAt("sources", name), "sources." + KeyPaths.shown(name), "no job uses this source");
        }
        for (String name : unusedSinks) {
            warnings.add(keyAt("sinks", name), "sinks." + KeyPaths.shown(name), "no job uses this sink");
        }
    }

    private void checkSinksRead(
            String section,
            String name,
            ConfiguredProvider<?> source,
            Configuration configuration,
            Set<String> unusedSinks) {
        for (String read : readsSinks(source)) {
            unusedSinks.remove(read);
            if (!configuration.sinks().containsKey(read)) {
                problems.add(
                        keyAt(section, name),
                        section + "." + KeyPaths.shown(name),
                        "its source reads sink '" + KeyPaths.shown(read) + "', and there is none of this name; "
                                + Suggestions.suggestion(
                                        read, configuration.sinks().keySet()));
            }
        }
    }

    /** Of a broken plugin, nothing is known; its jobs are told so. */
    private static Set<String> readsSinks(ConfiguredProvider<?> source) {
        try {
            ConfiguredProvider.Usable usable = source.require();
            return usable.provider().readsSinks(usable.config());
        } catch (BackupException e) {
            return Set.of();
        }
    }

    private void checkName(String name) {
        try {
            new BackupId(name, Instant.EPOCH, new RunId("0000"));
        } catch (IllegalArgumentException e) {
            problems.add(
                    keyAt("jobs", name),
                    "jobs." + KeyPaths.shown(name),
                    "a job's name is 1 to 63 characters of a-z, 0-9, '.', '_' and '-', beginning and ending with a letter"
                            + " or digit");
        }
    }

    /** The journals of a job lie under its name, so only its own sinks can get into each other's way. */
    private void checkCopies(String name, JobSettings job, Configuration configuration) {
        Map<Object, String> places = new HashMap<>();
        places.put(placeOf(configuration.sinks().get(job.sink()), job.sink()), job.sink());
        for (int i = 0; i < job.copies().size(); i++) {
            String sink = job.copies().get(i).sink();
            String path = "jobs." + name + ".copies[" + i + "].sink";
            TextPosition at = copyAt(name, i);
            if (!configuration.sinks().containsKey(sink)) {
                continue;
            }
            String other = places.putIfAbsent(placeOf(configuration.sinks().get(sink), sink), sink);
            if (other != null) {
                problems.add(
                        at,
                        path,
                        "sink '" + KeyPaths.shown(sink) + "' is the same place as '" + KeyPaths.shown(other)
                                + "', so the job and its copy would share a journal; name another sink");
            }
        }
    }

    /** What two sinks have in common when they are one place: type and configuration, paths made absolute. */
    private static Object placeOf(@Nullable ConfiguredProvider<?> sink, String name) {
        if (sink == null || sink.usable() == null) {
            return name;
        }
        Record config = sink.usable().config();
        Map<String, Object> place = new LinkedHashMap<>();
        place.put("type", sink.type());
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            place.put("config." + component.getName(), placePart(component, config));
        }
        return place;
    }

    private static Object placePart(RecordComponent component, Record config) {
        try {
            component.getAccessor().setAccessible(true);
            Object value = component.getAccessor().invoke(config);
            if (value instanceof Path path) {
                return path.toAbsolutePath().normalize();
            }
            return value == null ? "" : value;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("component " + component + " cannot be read", e);
        }
    }

    private TextPosition keyAt(String... path) {
        TextPosition at = root.location();
        Node node = root;
        for (String key : path) {
            Node.Entry entry =
                    node instanceof Node.Mapping mapping ? mapping.entries().get(key) : null;
            if (entry == null) {
                return at;
            }
            at = entry.at();
            node = entry.value();
        }
        return at;
    }

    private TextPosition copyAt(String job, int index) {
        if (valueOf("jobs", job, "copies") instanceof Node.Sequence copies
                && copies.elements().get(index) instanceof Node.Mapping copy
                && copy.entries().get("sink") != null) {
            return copy.entries().get("sink").value().location();
        }
        return keyAt("jobs", job);
    }

    private @Nullable Node valueOf(String... path) {
        Node node = root;
        List<String> rest = new ArrayList<>(List.of(path));
        while (!rest.isEmpty()) {
            Node.Entry entry =
                    node instanceof Node.Mapping mapping ? mapping.entries().get(rest.remove(0)) : null;
            if (entry == null) {
                return null;
            }
            node = entry.value();
        }
        return node;
    }
}
