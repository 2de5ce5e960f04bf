package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.exceptionfactory.jagged.PayloadException;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one age file up to the end of the stream; each chunk is authenticated before a byte of it comes out. */
final class AgeDecoding extends DecodingStream {
    private final AgeIdentities identities;
    private final Path identityFile;
    private @Nullable ReadableByteChannel channel;

    AgeDecoding(InputStream stored, AgeIdentities identities, Path identityFile, String target) {
        super(stored, target);
        this.identities = identities;
        this.identityFile = identityFile;
    }

    @Override
    int decode(byte[] bytes, int offset, int length) throws IOException {
        try {
            if (channel == null) {
                channel = openChannel();
            }
            return channel.read(ByteBuffer.wrap(bytes, offset, length));
        } catch (PayloadException e) {
            throw damaged("does not decrypt: it was cut or altered", e);
        }
    }

    private ReadableByteChannel openChannel() throws IOException {
        try {
            return new StandardDecryptingChannelFactory().newDecryptingChannel(new Below(stored), List.of(identities));
        } catch (UnsupportedRecipientStanzaException e) {
            throw new BackupException(
                    Kind.CREDENTIALS,
                    target,
                    "no identity in " + identityFile + " opens it",
                    "name the identity file of a recipient it was encrypted to; if this is the one, the header of the object"
                            + " was altered: verify it at level checksum",
                    e);
        } catch (GeneralSecurityException | BufferUnderflowException | IllegalArgumentException e) {
            throw damaged("has no valid age header: " + e.getMessage(), e);
        }
    }

    @Override
    void release() {}

    private static final class Below implements ReadableByteChannel {
        private final InputStream in;

        Below(InputStream in) {
            this.in = in;
        }

        @Override
        public int read(ByteBuffer destination) throws IOException {
            int count = in.read(
                    destination.array(), destination.arrayOffset() + destination.position(), destination.remaining());
            if (count > 0) {
                destination.position(destination.position() + count);
            }
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
