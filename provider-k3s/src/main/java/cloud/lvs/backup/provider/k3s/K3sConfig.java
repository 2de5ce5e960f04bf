package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Range;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a k3s server keeps its data, and how to copy it.
 *
 * @param dataDir what {@code k3s server --data-dir} says; {@code server/db/state.db} lies below it
 * @param tokenFile the server token, or null for {@code <dataDir>/server/token}
 * @param method how the datastore is copied
 * @param pagesPerStep database pages copied between two reports of progress
 * @param maxSnapshot how long the copy may hold its view of the live database
 * @param check how thoroughly SQLite checks a copy
 * @param expectToken whether a run without a token fails
 */
@Doc("The SQLite datastore of a k3s server, with the server token that decrypts its bootstrap data.")
public record K3sConfig(
        @Doc("The data directory of the k3s server: what --data-dir says, by default /var/lib/rancher/k3s.")
        Path dataDir,

        @Doc("The file with the server token; by default server/token below dataDir.") @Nullable
        Path tokenFile,

        @Doc("How to copy: snapshot-copy copies page by page, vacuum compacts; auto takes vacuum when more than a"
                + " quarter of the pages are free.")
        @Default("auto")
        Method method,

        @Doc("Database pages copied between two reports of progress.") @Default("1000") @Range(min = "1")
        int pagesPerStep,

        @Doc("How long the copy may hold its snapshot of the live database before the run gives up; it warns above"
                + " 10s, since k3s cannot write while one of its checkpoints waits for the snapshot.")
        @Default("2m")
        @Range(min = "1ms")
        Duration maxSnapshot,

        @Doc("How SQLite checks the copy: full is integrity_check, quick is quick_check; auto is full up to 5 GB.")
        @Default("auto")
        CheckDepth check,

        @Doc("Whether a run fails when there is no server token: a datastore without its token cannot be started.")
        @Default("true")
        boolean expectToken) {

    /** How the datastore is copied. */
    public enum Method {
        /** {@link #VACUUM} when more than a quarter of the pages are free, else {@link #SNAPSHOT_COPY}. */
        AUTO,
        /** SQLite's backup API under one pinned snapshot. */
        SNAPSHOT_COPY,
        /** {@code VACUUM INTO}: leaves free pages behind. */
        VACUUM
    }

    /** How thoroughly SQLite checks a copy. */
    public enum CheckDepth {
        /** {@link #FULL} up to 5 GB, else {@link #QUICK}. */
        AUTO,
        /** {@code PRAGMA integrity_check}. */
        FULL,
        /** {@code PRAGMA quick_check}: does not compare indexes with their table. */
        QUICK
    }

    public K3sConfig {
        if (dataDir.toString().isBlank()) {
            throw new IllegalArgumentException("dataDir is empty; write e.g. dataDir: /var/lib/rancher/k3s");
        }
        if (pagesPerStep < 1) {
            throw new IllegalArgumentException("pagesPerStep must be at least 1, was " + pagesPerStep);
        }
        if (maxSnapshot.isNegative() || maxSnapshot.isZero()) {
            throw new IllegalArgumentException("maxSnapshot must be positive, was " + maxSnapshot);
        }
    }

    /** What the defaults make of a data directory. */
    public static K3sConfig of(Path dataDir) {
        return ConfigurationRecord.of(K3sConfig.class, Map.of("dataDir", dataDir));
    }
}
