package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.exceptionfactory.jagged.FileKey;
import com.exceptionfactory.jagged.RecipientStanza;
import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/** The secret keys of an age identity file, read anew for each object and not kept: no text of theirs leaves this class. */
final class AgeIdentities implements RecipientStanzaReader {
    private static final String REMEDY = "name a file with a line AGE-SECRET-KEY-1..., as age-keygen writes it";

    private final List<RecipientStanzaReader> readers;

    private AgeIdentities(List<RecipientStanzaReader> readers) {
        this.readers = readers;
    }

    static AgeIdentities read(Path file) throws BackupException {
        String target = "identity file " + file;
        List<RecipientStanzaReader> readers = new ArrayList<>();
        int number = 0;
        for (String line : new String(KeyFile.read(file, target), StandardCharsets.ISO_8859_1).split("\\R")) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            if (text.startsWith("age-encryption.org/") || text.startsWith("-----BEGIN AGE ENCRYPTED FILE")) {
                throw unusable(target, "is itself encrypted with a passphrase", "decrypt it with age -d first");
            }
            if (!text.startsWith("AGE-SECRET-KEY-1")) {
                throw unusable(target, "line " + number + " is no X25519 identity", REMEDY);
            }
            try {
                readers.add(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(text));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                // Without the cause, whose message may hold parts of the key.
                throw unusable(target, "line " + number + " is not a whole identity: its checksum is wrong", REMEDY);
            }
        }
        if (readers.isEmpty()) {
            throw unusable(target, "holds no identity", REMEDY);
        }
        return new AgeIdentities(readers);
    }

    private static BackupException unusable(String target, String problem, String remedy) {
        return new BackupException(Kind.CREDENTIALS, target, problem, remedy);
    }

    /**
     * Tries each identity.
     *
     * @throws UnsupportedRecipientStanzaException if none fits; every other exception means that the header is damaged
     */
    @Override
    public FileKey getFileKey(Iterable<RecipientStanza> stanzas) throws GeneralSecurityException {
        UnsupportedRecipientStanzaException none = new UnsupportedRecipientStanzaException("no identity fits");
        for (RecipientStanzaReader reader : readers) {
            try {
                return reader.getFileKey(stanzas);
            } catch (UnsupportedRecipientStanzaException e) {
                none.addSuppressed(e);
            }
        }
        throw none;
    }
}
