package cloud.lvs.backup.core.read;

import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.InputStream;

/** Reads what is stored to its end, to see whether it is what was stored. */
public record StoredDigestCheck(EngineContext engine, StoredBackup backup) {
    private static final int BUFFER_BYTES = 128 << 10;

    Check check(StoredArtifact artifact, WorkContext context) throws IOException, InterruptedException {
        try (InputStream in = backup.openStored(artifact)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                context.checkpoint();
                engine.progress().transferred(context.job(), artifact.key().value(), read);
            }
            return passed(artifact);
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            return Check.failed(nameOf(artifact), e.getMessage());
        }
    }

    /** What to say of an artifact whose stored bytes were read to their end. */
    Check passed(StoredArtifact artifact) {
        return Check.passed(nameOf(artifact), artifact.sha256());
    }

    private String nameOf(StoredArtifact artifact) {
        return "checksum " + backup.nameOf(artifact);
    }
}
