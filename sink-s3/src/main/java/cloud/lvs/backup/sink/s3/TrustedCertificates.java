package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Java's own certificates and those of a PEM file. */
final class TrustedCertificates {
    private TrustedCertificates() {}

    static TrustManager[] with(Path pem) throws BackupException {
        try (InputStream in = Files.newInputStream(pem)) {
            List<Certificate> trusted =
                    new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (trusted.isEmpty()) {
                throw unreadable(pem, "holds no certificate", null);
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
            return factory(store).getTrustManagers();
        } catch (BackupException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(pem, "cannot be read (" + e.getClass().getSimpleName() + ")", e);
        } catch (GeneralSecurityException e) {
            throw unreadable(pem, "holds no PEM certificates", e);
        }
    }

    private static TrustManagerFactory factory(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static BackupException unreadable(Path pem, String problem, @Nullable Exception cause) {
        return new BackupException(
                Kind.CONFIG,
                "caCertificate " + pem,
                problem,
                "name a readable file with the PEM certificate of the store's certificate authority",
                cause);
    }
}
