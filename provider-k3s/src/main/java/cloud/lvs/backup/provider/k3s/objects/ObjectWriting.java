package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Extra;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Format;
import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import cloud.lvs.backup.provider.k3s.decoding.UndecodableValueException;
import cloud.lvs.backup.provider.k3s.decoding.ValueDecoder;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the chosen objects one after the other, and writes those that are to be written. */
final class ObjectWriting {
    private final LiveRows rows;
    private final ValueDecoder decoder;
    private final ObjectSelection selection;
    private final K3sRestoreOptions options;
    private final ObjectReport report;
    private final RunContext run;
    private final ManifestCleaner cleaner;
    private final OwnedObjects owned;
    /** Whose a file is. */
    private final Map<String, ObjectRef> files = new HashMap<>();

    ObjectWriting(
            LiveRows rows,
            ValueDecoder decoder,
            ObjectSelection selection,
            K3sRestoreOptions options,
            ObjectReport report,
            RunContext run) {
        this.rows = rows;
        this.decoder = decoder;
        this.selection = selection;
        this.options = options;
        this.report = report;
        this.run = run;
        this.cleaner = new ManifestCleaner(options.addresses());
        this.owned = new OwnedObjects(selection.objects());
    }

    /** Reads all, and writes nothing. */
    void rehearse() throws IOException, SQLException, InterruptedException {
        each(null);
    }

    /**
     * Writes them.
     *
     * @param directory private and empty
     * @return what lies in it then
     */
    List<Path> write(Path directory) throws IOException, SQLException, InterruptedException {
        try (ManifestFiles manifests = new ManifestFiles(directory, options.as())) {
            each(manifests);
            return manifests.finish();
        }
    }

    private void each(@Nullable ManifestFiles manifests) throws IOException, SQLException, InterruptedException {
        for (ObjectRef object : selection.objects()) {
            run.checkpoint();
            try {
                one(object, manifests);
            } catch (UndecodableValueException e) {
                report.failed(object, e);
            }
        }
        selection.leftOut().forEach(report::leftOut);
    }

    private void one(ObjectRef object, @Nullable ManifestFiles manifests)
            throws IOException, SQLException, UndecodableValueException {
        LiveRows.Value value = rows.value(object.row());
        StoredObject stored = decoder.decode(object.key(), value.require(), value.id());
        requireSame(object, stored);
        if (options.owned() == Extra.EXCLUDE && OwnedObjects.mayBeOwned(object)) {
            Optional<String> maker = owned.maker(object, stored);
            if (maker.isPresent()) {
                report.madeAgain(object, maker.get());
                return;
            }
        }
        String file = FileNames.of(object, stored, ManifestFiles.extension(options.as()));
        ObjectRef other = files.putIfAbsent(file, object);
        if (other != null) {
            throw UndecodableValueException.damaged(
                    "would be the file " + file + ", which " + printable(other.key()) + " is");
        }
        String note = report.note(stored);
        if (options.as() == Format.YAML) {
            cleaner.clean(stored);
        }
        if (manifests != null) {
            manifests.write(file, stored, note);
        }
        report.written(object, stored);
    }

    /** Whoever could change the datastore could have an object of one namespace lie under the key of another. */
    private static void requireSame(ObjectRef object, StoredObject stored) throws UndecodableValueException {
        String name = stored.metadata().path("name").asText();
        String namespace = stored.metadata().path("namespace").asText();
        String kind = object.type().kind();
        if (!name.equals(object.name()) || !namespace.equals(object.namespace())) {
            throw UndecodableValueException.damaged(
                    "calls itself " + printable(namespace.isEmpty() ? name : namespace + "/" + name)
                            + ", which is not what its key says");
        }
        if (!kind.isEmpty() && !kind.equals(stored.kind())) {
            throw UndecodableValueException.damaged(
                    "is of the kind " + printable(stored.kind()) + ", which is not what its key says");
        }
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "\uFFFD");
    }
}
