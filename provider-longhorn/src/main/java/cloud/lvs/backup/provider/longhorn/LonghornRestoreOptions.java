package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Range;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@code restore --set key=value} may say for a Longhorn volume.
 *
 * @param as what becomes of a volume, or null for what is usual
 * @param relink whether the volume is given back to its claim
 * @param replicas of the restored volume, or null for as many as it had
 * @param tags whether its replicas need the nodes and disks that they needed
 * @param timeout how long a restore may take
 * @param createNamespace whether the claim's namespace is made where it is missing
 * @param repairTarget whether the backup target is set up first
 * @param targetUrl where the target is, or null for where it was
 * @param targetSecret the name of the secret with its credentials, or null for the one that it has
 * @param targetCredentials a file with what the secret has to hold, or null if it is there
 */
@Doc("Choices for restoring a Longhorn volume.")
public record LonghornRestoreOptions(
        @Doc(
                "What to make: image is one raw sparse file per volume, as its block device would show it, in the directory that --to"
                        + " names; volume is a volume of Longhorn in the cluster, named by --to. By default image, and volume for a"
                        + " drill in a cluster.")
        @Nullable
        As as,

        @Doc(
                "Gives each volume back to its claim, with --in-place: scales down who uses the claim, binds it to the restored"
                        + " volume and scales up again. The volume before is kept.")
        @Default("false")
        boolean relink,

        @Doc("How many replicas the restored volume has; by default as many as it had. 1 needs the least room.")
        @Range(min = "1", max = "20")
        @Nullable
        Integer replicas,

        @Doc("keep needs nodes and disks with the tags that the volume asked for, ignore takes any.") @Default("keep")
        Tags tags,

        @Doc("How long the restore of one volume by Longhorn may take.") @Default("24h") @Range(min = "1s")
        Duration timeout,

        @Doc("Makes the namespace of a claim where it is missing, for relink.") @Default("false")
        boolean createNamespace,

        @Doc("Makes the backup target of the volume in Longhorn, or mends it, before anything else.") @Default("false")
        boolean repairTarget,

        @Doc("The URL of the target, for repairTarget; by default the one that the record tells.") @Nullable
        String targetUrl,

        @Doc(
                "The secret that the target takes its credentials from, for repairTarget; by default the one that it names.")
        @Nullable
        String targetSecret,

        @Doc("A file of lines KEY=VALUE (AWS_ACCESS_KEY_ID and so on) that the secret is made of, for repairTarget.")
        @Nullable
        Path targetCredentials) {

    /** What becomes of a volume. */
    public enum As {
        /** A raw, sparse file in the directory that {@code --to} names. */
        IMAGE,
        /** A volume of Longhorn. */
        VOLUME
    }

    /** Where replicas may be. */
    public enum Tags {
        /** Where the volume's tags allow it. */
        KEEP,
        /** Anywhere. */
        IGNORE
    }

    public LonghornRestoreOptions {
        if (relink && as == As.IMAGE) {
            throw new IllegalArgumentException("as=image and relink=true exclude each other: a claim needs a volume");
        }
        if (!repairTarget && (targetUrl != null || targetSecret != null || targetCredentials != null)) {
            throw new IllegalArgumentException(
                    "targetUrl, targetSecret and targetCredentials need repairTarget=true: a target is only then changed");
        }
    }
}
