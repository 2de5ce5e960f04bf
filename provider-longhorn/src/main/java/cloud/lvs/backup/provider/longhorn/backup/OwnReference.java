package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;

/**
 * Names, in a manifest, a Backup of Longhorn and the Snapshot of the same name, if there is one.
 *
 * @param namespace of Longhorn
 * @param name of both
 */
record OwnReference(String namespace, String name) {
    private static final String TYPE = "longhorn-backup";

    ExternalReference external() {
        return new ExternalReference(TYPE, namespace + "/" + name);
    }

    static OwnReference of(ExternalReference reference) throws BackupException {
        int slash = reference.reference().indexOf('/');
        if (!reference.type().equals(TYPE) || slash < 0) {
            throw new BackupException(
                    Kind.FAILED,
                    reference.type() + " " + reference.reference(),
                    "is not what this source makes",
                    "use the version that made it");
        }
        return new OwnReference(
                reference.reference().substring(0, slash), reference.reference().substring(slash + 1));
    }
}
