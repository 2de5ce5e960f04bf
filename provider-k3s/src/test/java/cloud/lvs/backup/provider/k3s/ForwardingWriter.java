package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;

/** Does something before each artifact. */
record ForwardingWriter(ArtifactWriter writer, Runnable before) implements ArtifactWriter {
    @Override
    public StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException {
        before.run();
        return writer.write(artifact, body);
    }

    @Override
    public void intend(ExternalReference reference) throws IOException, InterruptedException {
        writer.intend(reference);
    }
}
