package cloud.lvs.backup.provider.longhorn.controller.loop;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** How the next uploads, snapshots and restores of each volume go, where not well; set it before they begin. */
public final class Script {
    private final Map<String, Deque<Upload>> uploads = new HashMap<>();
    private final Map<String, Deque<Restore>> restores = new HashMap<>();
    private final Map<String, Deque<Readiness>> snapshots = new HashMap<>();
    private Groups groups = Groups.AS_SENT;
    private Duration uploadTime = Duration.ofSeconds(4);
    private Duration snapshotTime = Duration.ofSeconds(1);
    private Duration restoreTime = Duration.ofSeconds(5);

    private enum Groups {
        AS_SENT,
        LABELLED
    }

    /** How an upload goes. */
    public sealed interface Upload {
        /** It completes. */
        record Whole() implements Upload {}

        /** It ends in Error at some progress. */
        record Fails(int progress, String error) implements Upload {}

        /** It stays InProgress for ever. */
        record Stuck(int progress) implements Upload {}

        /** It is Completed although it carries an error, and the progress never reaches 100. */
        record CompletedWithError(int progress, String error) implements Upload {}

        /** It goes InProgress, Unknown, InProgress again and again before it completes. */
        record Flaps(int times) implements Upload {}

        /** It is Completed, but the store was never read back: no url, no lastSyncedAt. */
        record NeverSynced() implements Upload {}
    }

    /** How a restore goes. */
    public sealed interface Restore {
        /** It ends well. */
        record Whole() implements Restore {}

        /** The volume becomes faulted. */
        record Fails(String error) implements Restore {}

        /** It never ends. */
        record Stuck(int progress) implements Restore {}

        /** No replica can be placed. */
        record Unschedulable(String message) implements Restore {}
    }

    /** How a snapshot becomes ready. */
    public sealed interface Readiness {
        /** After its time. */
        record Ready() implements Readiness {}

        /** Never, with this in its status. */
        record Never(String error) implements Readiness {}

        /** Its object vanishes instead. */
        record Vanishes() implements Readiness {}
    }

    /** The next upload of a volume goes like this; several are used in turn. */
    public Script upload(String volume, Upload upload) {
        uploads.computeIfAbsent(volume, key -> new ArrayDeque<>()).add(upload);
        return this;
    }

    /** The next restore of a backup of a volume goes like this; several are used in turn. */
    public Script restore(String sourceVolume, Restore restore) {
        restores.computeIfAbsent(sourceVolume, key -> new ArrayDeque<>()).add(restore);
        return this;
    }

    /** The next snapshot of a volume goes like this; several are used in turn. */
    public Script snapshot(String volume, Readiness readiness) {
        snapshots.computeIfAbsent(volume, key -> new ArrayDeque<>()).add(readiness);
        return this;
    }

    /** Volumes without any label of a recurring job are put into the group default, as Longhorn does at a reconcile. */
    public Script labelDefaultGroup() {
        groups = Groups.LABELLED;
        return this;
    }

    /** How long an upload takes. */
    public Script uploadsTake(Duration time) {
        uploadTime = time;
        return this;
    }

    /** How long it takes until a snapshot is ready. */
    public Script snapshotsTake(Duration time) {
        snapshotTime = time;
        return this;
    }

    /** How long a restore takes. */
    public Script restoresTake(Duration time) {
        restoreTime = time;
        return this;
    }

    Upload nextUpload(String volume) {
        Upload next = uploads.getOrDefault(volume, new ArrayDeque<>()).poll();
        return next == null ? new Upload.Whole() : next;
    }

    Restore nextRestore(String volume) {
        Restore next = restores.getOrDefault(volume, new ArrayDeque<>()).poll();
        return next == null ? new Restore.Whole() : next;
    }

    Readiness nextSnapshot(String volume) {
        Readiness next = snapshots.getOrDefault(volume, new ArrayDeque<>()).poll();
        return next == null ? new Readiness.Ready() : next;
    }

    boolean labelsDefaultGroup() {
        return groups == Groups.LABELLED;
    }

    Duration uploadTime() {
        return uploadTime;
    }

    Duration snapshotTime() {
        return snapshotTime;
    }

    Duration restoreTime() {
        return restoreTime;
    }
}
