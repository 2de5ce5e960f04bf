package cloud.lvs.backup.sink.s3.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/** The JDK's connections as the SDK is to have them: trust, proxy and patience as configured. Thread-safe. */
final class HttpTransport {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final @Nullable SSLSocketFactory sockets;
    private final Duration silence;
    private final ProxyRules proxies;
    private final PeerCapabilities peer = new PeerCapabilities();

    private HttpTransport(@Nullable SSLSocketFactory sockets, Duration silence, ProxyRules proxies) {
        this.sockets = sockets;
        this.silence = silence;
        this.proxies = proxies;
    }

    /**
     * @param trusted what decides whom to trust; empty for Java's own certificates
     * @param silence how long a connection may be silent
     */
    static SdkHttpClient client(Optional<TrustManager[]> trusted, Duration silence, ProxyRules proxies) {
        HttpTransport transport =
                new HttpTransport(trusted.map(HttpTransport::sockets).orElse(null), silence, proxies);
        // Of the SDK's clients the one with the fewest jars; as fast as the others for streams of parts.
        return UrlConnectionHttpClient.create(transport::connection);
    }

    private static SSLSocketFactory sockets(TrustManager[] trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trusted, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpURLConnection connection(URI address) {
        try {
            Proxy proxy = proxies.to(address).orElse(Proxy.NO_PROXY);
            HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection(proxy);
            if (sockets != null && connection instanceof HttpsURLConnection https) {
                https.setSSLSocketFactory(sockets);
            }
            connection.setConnectTimeout(Math.toIntExact(CONNECT.toMillis()));
            connection.setReadTimeout((int) Math.min(Integer.MAX_VALUE, silence.toMillis()));
            return new BlockwiseConnection(connection, peer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
