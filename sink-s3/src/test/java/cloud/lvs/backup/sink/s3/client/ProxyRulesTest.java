package cloud.lvs.backup.sink.s3.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyRulesTest {
    private static final String PROXY = "http://127.0.0.1:3128";

    @ParameterizedTest(name = "NO_PROXY={0}: {1} goes {2}")
    @CsvSource(delimiter = '|', textBlock = """
            # Domains, and what lies below them
              .cluster.local                      | http://rgw.storage.svc.cluster.local:8080 | straight
              cluster.local                       | http://rgw.storage.svc.cluster.local:8080 | straight
              *.cluster.local                     | http://rgw.storage.svc.cluster.local:8080 | straight
              .svc,.cluster.local , localhost     | http://rgw.storage.svc.cluster.local:8080 | straight
              .svc,.cluster.local,10.0.0.0/8      | http://rgw.storage.svc.cluster.local:8080 | straight
              localhost .cluster.local            | http://rgw.storage.svc.cluster.local:8080 | straight
              .CLUSTER.Local                      | http://rgw.storage.svc.cluster.local      | straight
              cluster.local                       | http://RGW.Cluster.LOCAL                  | straight
              cluster.local                       | http://rgw.cluster.local.                 | straight
              cluster.local                       | http://cluster.local                      | straight
              .cluster.local                      | http://cluster.local                      | straight
              rgw.storage.svc.cluster.local       | http://rgw.storage.svc.cluster.local:8080 | straight
              *                                   | http://anything.example                   | straight
              rgw.*.local                         | http://rgw.cluster.local                  | straight
              cluster.local                       | http://mycluster.local                    | through
              .cluster.local                      | http://cluster.local.example              | through
              cluster.localx                      | http://rgw.cluster.local                  | through
              .                                   | http://rgw.cluster.local                  | through
              ,                                   | http://rgw.cluster.local                  | through
            # With a port
              cluster.local:8080                  | http://rgw.cluster.local:8080             | straight
              .cluster.local:8080                 | http://rgw.cluster.local:8080             | straight
              cluster.local:80                    | http://rgw.cluster.local                  | straight
              cluster.local:443                   | https://rgw.cluster.local                 | straight
              10.1.2.3:9000                       | http://10.1.2.3:9000                      | straight
              [::1]:9000                          | http://[::1]:9000                         | straight
              cluster.local:9000                  | http://rgw.cluster.local:8080             | through
              cluster.local:80                    | https://rgw.cluster.local                 | through
            # Addresses and networks
              10.0.0.0/8                          | http://10.200.3.4:8080                    | straight
              127.0.0.0/8                         | http://127.0.0.1:9000                     | straight
              192.168.4.0/22                      | http://192.168.7.255                      | straight
              10.1.2.3                            | http://10.1.2.3:9000                      | straight
              10.1.2.3/32                         | http://10.1.2.3                           | straight
              0.0.0.0/0                           | http://10.1.2.3                           | straight
              ::1                                 | http://[::1]:9000                         | straight
              fd00::/8                            | http://[fd12:3456::1]                     | straight
              0:0:0:0:0:0:0:1                     | http://[::1]                              | straight
              10.*                                | http://10.1.2.3                           | straight
              192.168.4.0/22                      | http://192.168.8.0                        | through
              10.0.0.0/8                          | http://rgw.cluster.local                  | through
              10.0.0.0/99                         | http://10.1.2.3                           | through
              10.0.0.0/x                          | http://10.1.2.3                           | through
              fd00::/8                            | http://10.1.2.3                           | through
              1.2.3                               | http://10.1.2.3                           | through
              3                                   | http://10.1.2.3                           | through
            """)
    void exemptsWhatTheEnvironmentSays(String exempt, String address, String way) {
        for (Map<String, String> variables : List.of(
                Map.of("HTTP_PROXY", PROXY, "HTTPS_PROXY", PROXY, "NO_PROXY", exempt),
                Map.of("http_proxy", PROXY, "https_proxy", PROXY, "no_proxy", exempt))) {
            assertThat(ProxyRules.of(variables::get).to(URI.create(address)).isEmpty())
                    .as(variables.toString())
                    .isEqualTo(way.equals("straight"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://proxy.example:3128, proxy.example:3128",
        "http://proxy.example:3128/, proxy.example:3128",
        "proxy.example:3128, proxy.example:3128",
        "proxy.example, proxy.example:80",
        "https://proxy.example, proxy.example:443",
        "HTTP://10.0.0.1:8080, 10.0.0.1:8080",
        "http://[fd00::1]:8080, fd00::1:8080",
        "http://user:pass%40word@proxy.example:3128, proxy.example:3128"
    })
    void takesTheProxyFromItsUrl(String url, String name) {
        ProxyRules proxies = ProxyRules.of(Map.of("https_proxy", url)::get);

        assertThat(proxies.to(URI.create("https://store.example")).map(ProxyRules::name))
                .contains(name);
        assertThat(proxies.to(URI.create("http://store.example")))
                .as("of another scheme")
                .isEmpty();
    }

    @Test
    void smallLettersGoBeforeCapitals() {
        ProxyRules proxies = ProxyRules.of(Map.of("https_proxy", "a:1", "HTTPS_PROXY", "b:2")::get);

        assertThat(proxies.to(URI.create("https://store.example")).map(ProxyRules::name))
                .contains("a:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"socks5://secret@proxy:1080", "http://", "proxy:port", "http://secret@proxy:0", "proxy:99999"})
    void refusesWhatIsNoProxy(String url) {
        assertThatThrownBy(() -> ProxyRules.of(Map.of("HTTPS_PROXY", url)::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HTTPS_PROXY")
                .hasMessageNotContaining("secret");
    }
}
