package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;

/** Writes one age file. Holds nothing that needs releasing. */
final class AgeEncoding extends EncodingStage {
    private final WritableByteChannel channel;

    AgeEncoding(AgeEncryption encryption, OutputStream out) throws IOException {
        try {
            channel = new StandardEncryptingChannelFactory()
                    .newEncryptingChannel(new Below(out), encryption.stanzaWriters());
        } catch (GeneralSecurityException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "age",
                    "cannot encrypt to these recipients: " + e.getMessage(),
                    "check encryption.recipients: each is a public key that age-keygen printed",
                    e);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        channel.write(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    void finish() throws IOException {
        // The channel writes the last chunk on close: the format marks it, so that a file that was cut shows.
        channel.close();
    }

    @Override
    public void close() {}

    private static final class Below implements WritableByteChannel {
        private final OutputStream out;

        Below(OutputStream out) {
            this.out = out;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int count = source.remaining();
            out.write(source.array(), source.arrayOffset() + source.position(), count);
            source.position(source.limit());
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
