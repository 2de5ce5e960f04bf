package cloud.lvs.backup.core.job;

import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.pipeline.ManifestSigner;
import cloud.lvs.backup.core.pipeline.ManifestVerifier;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Whether the manifests of a job are signed, and whether a signature is asked for when they are read.
 *
 * @param signer signs at the commit, or null
 * @param verifier a manifest that none of its keys signed is refused; null to ask for no signature
 */
public record Signing(
        @Nullable ManifestSigner signer, @Nullable ManifestVerifier verifier) {
    /** Neither signed nor asked for. */
    public static final Signing NONE = new Signing(null, null);

    private static final String ALGORITHM = "Ed25519";

    public void sign(Journal journal, BackupId id, byte[] manifest) throws IOException, InterruptedException {
        if (signer != null) {
            String signature = Base64.getEncoder().encodeToString(signer.sign(manifest));
            journal.put(id, Plain.SIGNATURE, new JournalDocuments.Signature(ALGORITHM, signature));
        }
    }

    public Check check(Journal journal, BackupId id, byte[] manifest) throws IOException, InterruptedException {
        if (verifier == null) {
            return Check.passed("manifest", "as it was committed");
        }
        try {
            String signature = journal.read(Plain.SIGNATURE.keyIn(id), JournalDocuments.Signature.class)
                    .signature();
            if (signature == null) {
                return Check.failed("manifest", "its signature.json holds no signature");
            }
            verifier.verify(manifest, Base64.getDecoder().decode(signature));
            return Check.passed("manifest", "as it was committed, by a trusted key");
        } catch (IllegalArgumentException e) {
            return Check.failed("manifest", "its signature is not base64");
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Check.failed("manifest", "it is not signed");
            }
            if (e.kind() == Kind.VERIFICATION) {
                return Check.failed("manifest", e.getMessage());
            }
            throw e;
        }
    }
}
