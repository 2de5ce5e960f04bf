package cloud.lvs.backup.provider.longhorn.cluster;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a cluster.
 *
 * @param kubeconfig the file to go by, or null for the service account of the pod, {@code KUBECONFIG} or {@code ~/.kube/config}
 * @param context of the file, or null for its current one
 * @param namespace Longhorn's, or null to look for it
 */
public record ClusterAccess(
        @Nullable Path kubeconfig,
        @Nullable String context,
        @Nullable String namespace) {
    /** A client that repeats nothing by itself: {@link Requests} knows what may be repeated. */
    KubernetesClient client() throws BackupException {
        String place = kubeconfig == null ? "the cluster" : "kubeconfig " + kubeconfig;
        try {
            if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
                throw new BackupException(
                        Kind.CONFIG, place, "cannot be read", "name a file that is there, or leave kubeconfig out");
            }
            Config config = kubeconfig == null
                    ? Config.autoConfigure(context)
                    : Config.fromKubeconfig(context, kubeconfig.toFile());
            config.setRequestRetryBackoffLimit(0);
            config.setWatchReconnectLimit(0);
            return new KubernetesClientBuilder().withConfig(config).build();
        } catch (KubernetesClientException | IllegalArgumentException e) {
            // fabric8 takes every key in PKCS#8 for RSA.
            boolean pkcs8 = String.valueOf(e.getMessage()).contains("Invalid DER");
            throw new BackupException(
                    Kind.CONFIG,
                    place,
                    "does not tell how to reach a cluster: " + e.getMessage(),
                    pkcs8
                            ? "write the client's key as BEGIN EC PRIVATE KEY: openssl ec -in key.pem"
                            : "try it with: kubectl get --raw /version",
                    e);
        }
    }
}
