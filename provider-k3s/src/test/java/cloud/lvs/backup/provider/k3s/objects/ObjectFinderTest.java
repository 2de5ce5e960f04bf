package cloud.lvs.backup.provider.k3s.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.decoding.KubernetesSchema;
import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.provider.k3s.decoding.ValueDecoder;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig;
import cloud.lvs.backup.spi.BackupException;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectFinderTest {
    private static final String NODE_OF_LONGHORN =
            "{'apiVersion':'longhorn.io/v1beta2','kind':'Node','metadata':{'name':'n1',"
                    + "'namespace':'longhorn-system'}}";
    private static final String DEFINITION =
            "{'apiVersion':'apiextensions.k8s.io/v1beta1','kind':'CustomResourceDefinition',"
                    + "'metadata':{'name':'volumes.longhorn.io'},'spec':{'group':'longhorn.io','scope':'Namespaced','names':{'plural':'volumes',"
                    + "'singular':'volume','kind':'Volume','shortNames':['lhv']}}}";

    @TempDir
    Path dataDir;

    @BeforeEach
    void fill() throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put("/registry/namespaces/shop", "a namespace");
            kine.put("/registry/minions/n1", "a node");
            kine.put("/registry/longhorn.io/nodes/longhorn-system/n1", json(NODE_OF_LONGHORN));
            kine.put("/registry/longhorn.io/volumes/longhorn-system/pvc-1", json("{'kind':'Volume'}"));
            kine.put("/registry/apiextensions.k8s.io/customresourcedefinitions/volumes.longhorn.io", json(DEFINITION));
            kine.put("/registry/deployments/shop/web", "a deployment");
            kine.put("/registry/serviceaccounts/shop/web", "an account");
            kine.put("/registry/pods/shop/web-1", "a pod");
            kine.put("/registry/pods/shop/web-2", "a pod");
            kine.put("/registry/pods/gone/orphan", "a pod");
            kine.put("/registry/pods/shop/deleted", "a pod");
            kine.delete("/registry/pods/shop/deleted");
            kine.put("/registry/services/specs/shop/web", "a service");
            kine.put("/registry/services/endpoints/shop/web", "endpoints");
            kine.put("/registry/ranges/serviceips", "no object");
        }
    }

    @Test
    void takesTheNodesOfKubernetesUnlessAGroupIsSaid() throws Exception {
        assertThat(find("nodes/n1")).containsExactly("nodes/n1");
        assertThat(find("nodes.longhorn.io/*/*")).containsExactly("nodes.longhorn.io/longhorn-system/n1");
        assertThat(find("no*/*/n?,no*/n1")).containsExactly("nodes/n1", "nodes.longhorn.io/longhorn-system/n1");
    }

    @Test
    void knowsTypesOfDefinitionsByAllTheirNames() throws Exception {
        for (String type : List.of("volumes", "volume", "lhv", "Volume", "volumes.longhorn.io", "vol*")) {
            assertThat(find(type + "/longhorn-system/*")).containsExactly("volumes.longhorn.io/longhorn-system/pvc-1");
        }
    }

    @Test
    void bringsTheNamespaceAndPutsEverythingInAnOrderToApply() throws Exception {
        assertThat(find("*/shop/*"))
                .containsExactly(
                        "namespaces/shop",
                        "serviceaccounts/shop/web",
                        "services/shop/web",
                        "endpoints/shop/web",
                        "pods/shop/web-1",
                        "pods/shop/web-2",
                        "deployments.apps/shop/web");
    }

    @Test
    void tellsANamespaceThatIsNotInTheBackup() throws Exception {
        assertThat(select("pods/gone/*", 10).namespacesMissing()).containsExactly("gone");
    }

    @Test
    void findsNeitherWhatWasDeletedNorWhatIsNoObject() {
        for (String pattern :
                List.of("pods/shop/deleted", "ranges/serviceips", "health/*", "pods/web-1", "nodes/shop/n1")) {
            assertThatThrownBy(() -> find(pattern)).hasMessageContaining("matches nothing in this backup");
        }
    }

    @Test
    void wantsConsentToManyObjects() {
        assertThatThrownBy(() -> select("*/*/*", 5))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.remedy()).contains("--yes"))
                .hasMessageContaining("match more than 5 objects");
    }

    private List<String> find(String patterns) throws Exception {
        return select(patterns, 1000).objects().stream().map(ObjectRef::text).toList();
    }

    private ObjectSelection select(String patterns, int limit) throws Exception {
        try (Connection copy = Sqlite.immutable(KineDatabase.file(dataDir))) {
            LiveRows rows = new LiveRows(copy);
            ValueDecoder decoder = new ValueDecoder(KubernetesSchema.load(), EncryptionConfig.none());
            return new ObjectFinder(rows, decoder, limit)
                    .find(ObjectPattern.parse(List.of(patterns)), K3sRestoreOptions.DEFAULTS);
        }
    }

    private static String json(String json) {
        return json.replace('\'', '"');
    }
}
