package cloud.lvs.backup.sink.s3.client;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Java's own certificates, and those of the store's authority if it has one of its own. */
final class TrustedCertificates {
    /** What Longhorn calls it in its secret: PEM text. */
    private static final String VARIABLE = "AWS_CERT";

    private final @Nullable Path file;
    private final @Nullable String text;

    private TrustedCertificates(@Nullable Path file, @Nullable String text) {
        this.file = file;
        this.text = text;
    }

    /** The configured file, else what the environment says. */
    static TrustedCertificates of(S3SinkConfig config, EnvironmentVariables environment) {
        Path file = config.caCertificate();
        return new TrustedCertificates(file, file == null ? environment.text(VARIABLE) : null);
    }

    /**
     * What decides whom to trust; empty if Java's own certificates are all.
     *
     * @throws BackupException of kind {@code CONFIG} if the certificates cannot be read
     */
    Optional<TrustManager[]> managers() throws BackupException {
        try {
            byte[] pem;
            if (file != null) {
                pem = Files.readAllBytes(file);
            } else if (text != null) {
                pem = text.getBytes(StandardCharsets.UTF_8);
            } else {
                return Optional.empty();
            }
            List<Certificate> trusted = new ArrayList<>(
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)));
            if (trusted.isEmpty()) {
                throw unreadable("holds no certificate", null);
            }
            for (TrustManager manager : factory(null).getTrustManagers()) {
                if (manager instanceof X509TrustManager system) {
                    for (X509Certificate issuer : system.getAcceptedIssuers()) {
                        trusted.add(issuer);
                    }
                }
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int n = 0; n < trusted.size(); n++) {
                store.setCertificateEntry("trusted-" + n, trusted.get(n));
            }
            return Optional.of(factory(store).getTrustManagers());
        } catch (BackupException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable("cannot be read (" + e.getClass().getSimpleName() + ")", e);
        } catch (GeneralSecurityException e) {
            // Without the cause where the text is at hand: it may be a private key in the wrong place.
            throw unreadable("holds no PEM certificates", file == null ? null : e);
        }
    }

    private static TrustManagerFactory factory(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private BackupException unreadable(String problem, @Nullable Exception cause) {
        return file != null
                ? new BackupException(
                        Kind.CONFIG,
                        "caCertificate " + file,
                        problem,
                        "name a readable file with the PEM certificate of the store's certificate authority",
                        cause)
                : new BackupException(
                        Kind.CONFIG,
                        VARIABLE,
                        problem,
                        "set it to the PEM certificate of the store's certificate authority, or unset it",
                        cause);
    }
}
