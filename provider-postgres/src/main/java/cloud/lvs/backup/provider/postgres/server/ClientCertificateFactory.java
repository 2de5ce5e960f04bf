package cloud.lvs.backup.provider.postgres.server;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Objects;
import java.util.Properties;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.postgresql.PGProperty;
import org.postgresql.ssl.NonValidatingFactory.NonValidatingTM;
import org.postgresql.ssl.WrappedFactory;

/**
 * TLS with a certificate of the client's. The driver's own takes fewer kinds of keys than libpq, and other modes of their
 * files; ours takes what the programs take, so that both get in or neither. Made by the driver from its properties.
 */
public final class ClientCertificateFactory extends WrappedFactory {
    private static final char[] NO_PASSWORD = {};

    /** @param properties of the driver: files and mode as there */
    public ClientCertificateFactory(Properties properties) throws IOException, GeneralSecurityException {
        String mode = PGProperty.SSL_MODE.getOrDefault(properties);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                keys(path(properties, PGProperty.SSL_CERT), path(properties, PGProperty.SSL_KEY))
                        .getKeyManagers(),
                mode != null && mode.startsWith("verify-")
                        ? authorities(path(properties, PGProperty.SSL_ROOT_CERT))
                        : new TrustManager[] {new NonValidatingTM()},
                null);
        factory = context.getSocketFactory();
    }

    /**
     * Reads the files of an endpoint that has some, so that what is wrong with them is told in our words.
     *
     * @throws BackupException of kind {@code CONFIG}
     */
    static void check(Path certificate, Path key) throws BackupException {
        try {
            keys(certificate, key);
        } catch (BackupException e) {
            throw e;
        } catch (IOException | GeneralSecurityException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "client certificate " + certificate,
                    Files.exists(certificate) ? "cannot be used: " + e.getMessage() : "is not there",
                    "give sslCert the certificate of sslKey as PEM, readable for the user of this process",
                    e);
        }
    }

    private static KeyManagerFactory keys(Path certificate, Path key) throws IOException, GeneralSecurityException {
        PrivateKey mine = ClientKey.read(key);
        Collection<? extends Certificate> chain = certificates(certificate);
        if (chain.isEmpty()) {
            throw new CertificateException("it holds no certificate");
        }
        KeyStore store = empty();
        store.setKeyEntry("client", mine, NO_PASSWORD, chain.toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return keys;
    }

    private static TrustManager[] authorities(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        for (Certificate authority : certificates(file)) {
            store.setCertificateEntry("authority-" + store.size(), authority);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException, CertificateException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    private static Path path(Properties properties, PGProperty property) {
        return Path.of(Objects.requireNonNull(property.getOrDefault(properties), property::getName));
    }
}
