package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;

/**
 * What {@code restore --set key=value} may say for a Longhorn volume.
 *
 * @param as what becomes of a volume
 */
@Doc("Choices for restoring a Longhorn volume.")
public record LonghornRestoreOptions(
        @Doc("What to write: image is one raw sparse file per volume, as its block device would show it.")
        @Default("image")
        As as) {

    /** What becomes of a volume. */
    public enum As {
        /** A raw, sparse file in the directory that {@code --to} names. */
        IMAGE
    }
}
