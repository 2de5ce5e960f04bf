package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.testing.PostgresBinaries;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A backup put together with the programs of PostgreSQL alone, so that reading is tested apart from writing. */
final class HandMadeBackup {
    private final TestCluster cluster;
    private final TestRunContext run = new TestRunContext();
    private final InMemoryArtifacts artifacts = new InMemoryArtifacts();
    private final List<ItemResult> items = new ArrayList<>();
    private int ordinal;

    private HandMadeBackup(TestCluster cluster) {
        this.cluster = cluster;
    }

    static HandMadeBackup of(TestCluster cluster) {
        return new HandMadeBackup(cluster);
    }

    /** Globals and every database as an archive. */
    static InMemoryBackup whole(TestCluster cluster) throws Exception {
        HandMadeBackup backup = of(cluster).globals();
        for (String database : cluster.databases()) {
            backup.database(database, "custom");
        }
        return backup.build();
    }

    HandMadeBackup globals() throws Exception {
        write(ItemNames.CLUSTER, "pg-globals", ".sql", Map.of("format", "plain"), "pg_dumpall", "--globals-only");
        items.add(ItemResult.done(ItemNames.CLUSTER, Map.of()));
        return this;
    }

    /** @param format {@code custom} or {@code plain} */
    HandMadeBackup database(String name, String format) throws Exception {
        String item = ItemNames.ofDatabase(name);
        write(
                item,
                "pg-database",
                format.equals("custom") ? ".dump" : ".sql",
                Map.of("format", format, "section", "all"),
                "pg_dump",
                "--create",
                "--format=" + format,
                "--compress=0",
                "--dbname=" + Sql.database(name));
        items.add(ItemResult.done(item, facts(name)));
        return this;
    }

    /** A database in three parts: what {@code splitTables} makes. */
    HandMadeBackup splitDatabase(String name) throws Exception {
        String item = ItemNames.ofDatabase(name);
        for (String section : List.of("pre-data", "data", "post-data")) {
            write(
                    item,
                    section.equals("data") ? "pg-data-1" : "pg-" + section,
                    ".dump",
                    Map.of("format", "custom", "section", section),
                    "pg_dump",
                    "--create",
                    "--format=custom",
                    "--compress=0",
                    "--section=" + section,
                    "--dbname=" + Sql.database(name));
        }
        items.add(ItemResult.done(item, facts(name)));
        return this;
    }

    /** What the replaced CronJob left: one script, no facts. */
    HandMadeBackup script(String... options) throws Exception {
        write(ItemNames.CLUSTER, "pgdumpall", ".sql", Map.of(), "pg_dumpall", options);
        items.add(ItemResult.done(ItemNames.CLUSTER, Map.of()));
        return this;
    }

    /** The same script with another text. */
    static InMemoryBackup rewritten(InMemoryBackup script, UnaryOperator<String> edit) throws IOException {
        StoredArtifact artifact = script.manifest().artifacts().get(0);
        return script.holding(artifact, edit.apply(text(script, artifact)).getBytes(StandardCharsets.UTF_8));
    }

    InMemoryBackup build() {
        return InMemoryBackup.of(
                artifacts,
                new CaptureReport(
                        items,
                        Map.of(
                                "systemIdentifier",
                                cluster.query("postgres", "SELECT system_identifier FROM pg_control_system()")
                                        .get(0),
                                "serverVersionNum",
                                cluster.query("postgres", "SHOW server_version_num")
                                        .get(0),
                                "pgDumpVersion",
                                cluster.query("postgres", "SHOW server_version").get(0))),
                run,
                "postgres");
    }

    private Map<String, String> facts(String database) {
        Map<String, String> facts = new HashMap<>();
        List<String> tables = cluster.query(
                database,
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p')"
                        + " AND nspname NOT IN ('pg_catalog', 'information_schema') AND NOT EXISTS (SELECT FROM"
                        + " pg_depend e WHERE e.deptype = 'e' AND e.objid = c.oid AND e.classid = 'pg_class'::regclass)");
        facts.put("tables", tables.get(0));
        for (String table : cluster.query(
                database,
                "SELECT format('\"%s\".\"%s\"', replace(nspname, '\"', '\"\"'), replace(relname, '\"', '\"\"'))"
                        + " FROM pg_class c JOIN pg_namespace n"
                        + " ON n.oid = relnamespace WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog',"
                        + " 'information_schema')")) {
            facts.put(
                    "table " + table,
                    cluster.query(database, "SELECT count(*) FROM ONLY " + table)
                            .get(0));
        }
        return facts;
    }

    private void write(
            String item, String role, String extension, Map<String, String> facts, String program, String... arguments)
            throws Exception {
        int place = ordinal++;
        artifacts.write(new Artifact(item, role, "pg-" + place, extension, place, Sensitivity.ORDINARY, ""), out -> {
            run(out, program, arguments);
            return facts;
        });
    }

    private void run(OutputStream out, String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(PostgresBinaries.installed().program(program).toString());
        command.addAll(List.of(
                "--host=" + cluster.socketDirectory(),
                "--port=" + cluster.port(),
                "--username=" + TestCluster.SUPERUSER,
                "--no-password"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream in = process.getInputStream()) {
            in.transferTo(out);
        }
        if (process.waitFor() != 0) {
            throw new IOException(program + " failed");
        }
    }

    /** The artifact of a role. */
    static StoredArtifact artifact(InMemoryBackup backup, String item, String role) {
        return backup.manifest().artifacts().stream()
                .filter(each -> each.item().equals(item) && each.role().equals(role))
                .findFirst()
                .orElseThrow();
    }

    /** What an artifact holds, as text. */
    static String text(InMemoryBackup backup, StoredArtifact artifact) throws IOException {
        try (InputStream in = backup.open(artifact)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The backup as if the source had said something else of itself. */
    static InMemoryBackup from(InMemoryBackup backup, String fact, String value) {
        return described(
                backup,
                with(backup.manifest().source(), fact, value),
                backup.manifest().items());
    }

    /** The backup as if the manifest noted something else of an item. */
    static InMemoryBackup noting(InMemoryBackup backup, String item, String fact, String value) {
        return described(
                backup,
                backup.manifest().source(),
                backup.manifest().items().stream()
                        .map(each -> each.item().equals(item)
                                ? ItemResult.done(item, with(each.facts(), fact, value))
                                : each)
                        .toList());
    }

    private static InMemoryBackup described(InMemoryBackup backup, Map<String, String> source, List<ItemResult> items) {
        Manifest manifest = backup.manifest();
        return backup.describedBy(new Manifest(
                manifest.formatVersion(),
                manifest.id(),
                manifest.outcome(),
                null,
                null,
                manifest.sourceType(),
                source,
                manifest.tool(),
                manifest.startedAt(),
                manifest.finishedAt(),
                items,
                manifest.artifacts(),
                manifest.external(),
                manifest.warnings()));
    }

    private static Map<String, String> with(Map<String, String> facts, String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(facts);
        changed.put(name, value);
        return changed;
    }
}
