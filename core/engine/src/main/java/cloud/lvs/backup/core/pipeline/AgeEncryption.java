package cloud.lvs.backup.core.pipeline;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Encrypts to X25519 recipients in the age v1 format (<a href="https://age-encryption.org/v1">age-encryption.org/v1</a>);
 * read by {@code age -d -i IDENTITY_FILE}. Holds public keys only: what makes backups need not be able to read them. Immutable
 * and thread-safe.
 */
public final class AgeEncryption {
    // The library keeps the header in one 64 KiB chunk; a stanza takes some 100 bytes of it.
    private static final int MOST_RECIPIENTS = 100;

    private final List<String> recipients;
    private final List<RecipientStanzaWriter> stanzaWriters;

    /**
     * @param recipients public keys {@code age1...} as {@code age-keygen} prints them, 1 to 100; each can decrypt alone
     * @throws IllegalArgumentException if there is none, or one is not an X25519 recipient; its text is not repeated, since it
     *     may be a secret
     */
    public AgeEncryption(List<String> recipients) {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("encryption.recipients is empty: name at least one public key age1...");
        }
        if (recipients.size() > MOST_RECIPIENTS) {
            throw new IllegalArgumentException(
                    "encryption.recipients must be at most " + MOST_RECIPIENTS + ", were " + recipients.size());
        }
        this.recipients = List.copyOf(recipients);
        List<RecipientStanzaWriter> writers = new ArrayList<>();
        for (int i = 0; i < recipients.size(); i++) {
            writers.add(stanzaWriter("encryption.recipients[" + i + "]", recipients.get(i)));
        }
        this.stanzaWriters = List.copyOf(writers);
    }

    private static RecipientStanzaWriter stanzaWriter(String key, String recipient) {
        if (recipient.strip().toUpperCase(Locale.ROOT).startsWith("AGE-SECRET-KEY-")) {
            throw new IllegalArgumentException(key + " is an age identity, which is secret: put its public key age1..."
                    + " there (age-keygen -y prints it), and make a new key if this one has been seen");
        }
        if (!recipient.startsWith("age1")) {
            throw new IllegalArgumentException(key + " is not an age X25519 recipient: it does not begin with age1");
        }
        try {
            return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(recipient);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause, whose message may hold parts of the text.
            throw new IllegalArgumentException(
                    key + " is not an age X25519 recipient: age1 and 58 characters with a checksum; is it whole?");
        }
    }

    /** The public keys. */
    public List<String> recipients() {
        return recipients;
    }

    List<RecipientStanzaWriter> stanzaWriters() {
        return stanzaWriters;
    }

    @Override
    public String toString() {
        return "age to " + recipients;
    }
}
