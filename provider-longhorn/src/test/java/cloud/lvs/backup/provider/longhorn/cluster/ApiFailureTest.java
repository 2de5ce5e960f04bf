package cloud.lvs.backup.provider.longhorn.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.cluster.ApiFailure.Nature;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Longhorn's webhooks and the API server answer, word for word, and what that means. */
class ApiFailureTest {
    private static final String CALL =
            "Internal error occurred: failed calling webhook \"mutator.longhorn.io\": failed to call"
                    + " webhook: Post \"https://longhorn-admission-webhook.longhorn-system.svc:9502/v1/webhook/mutation?timeout=10s\": ";

    private static ApiFailure answer(int code, String message) {
        return ApiFailure.of(new KubernetesClientException(
                "Failure executing: POST",
                code,
                new StatusBuilder().withCode(code).withMessage(message).build()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "422 | admission webhook \"validator.longhorn.io\" denied the request: backup target down is not available",
                "500 | admission webhook \"mutator.longhorn.io\" denied the request: json: cannot unmarshal number",
                "403 | admission webhook \"validator.longhorn.io\" denied the request: v2-data-engine data engine is not enabled",
                "400 | admission webhook \"validator.longhorn.io\" denied the request: volume does not exist",
                "500 | Internal error occurred: replace operation does not apply: doc is missing path: /spec/labels",
                "422 | Backup.longhorn.io \"b\" is invalid: spec.backupMode: Unsupported value: \"fast\""
            })
    void aRefusalIsFinalWhateverItsCode(int code, String message) {
        assertThat(answer(code, message).nature()).isEqualTo(Nature.REFUSED);
    }

    @Test
    void aWebhookThatNobodyServesMayBeThereSoonAndOneThatClosedTheConnectionDiedOfTheRequest() {
        assertThat(answer(500, CALL + "dial tcp 127.0.0.1:9502: connect: connection refused")
                        .nature())
                .isEqualTo(Nature.TRANSIENT);
        assertThat(answer(500, CALL + "context deadline exceeded").nature()).isEqualTo(Nature.TRANSIENT);
        assertThat(answer(500, CALL + "EOF").nature()).isEqualTo(Nature.CUT_OFF);
    }

    @Test
    void whatLonghornHasNotSeenYetIsAskedAgain() {
        assertThat(answer(
                                422,
                                "admission webhook \"validator.longhorn.io\" denied the request: snapshot <nil> is invalid")
                        .nature())
                .isEqualTo(Nature.TOO_EARLY);
        assertThat(answer(403, "admission webhook \"mutator.longhorn.io\" denied the request: x, please retry later")
                        .nature())
                .isEqualTo(Nature.TOO_EARLY);
    }

    @Test
    void aMissingRightIsNamedWithTheRuleToAdd() {
        BackupException failure = answer(
                        403,
                        "backups.longhorn.io is forbidden: User \"system:serviceaccount:shop:nobody\" cannot create resource"
                                + " \"backups\" in API group \"longhorn.io\" in the namespace \"longhorn-system\"")
                .describe("Backup longhorn-system/b1");

        assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(failure)
                .hasMessage(
                        "Backup longhorn-system/b1: system:serviceaccount:shop:nobody may not create backups.longhorn.io");
        assertThat(failure.remedy())
                .isEqualTo("add to a Role in namespace longhorn-system that it is bound to:"
                        + " {apiGroups: [\"longhorn.io\"], resources: [backups], verbs: [create]}");
    }

    @Test
    void whatIsOfTheWholeClusterNeedsAClusterRole() {
        BackupException failure = answer(
                        403,
                        "persistentvolumes is forbidden: User \"lvs\" cannot list resource \"persistentvolumes\" in API"
                                + " group \"\" at the cluster scope")
                .describe("persistentvolumes");

        assertThat(failure.remedy()).startsWith("add to a ClusterRole").contains("apiGroups: [\"\"]");
    }

    @Test
    void anExpiredTokenIsACredentialThatDoesNotFit() {
        assertThat(answer(401, "Unauthorized").describe("volumes.longhorn.io").kind())
                .isEqualTo(Kind.CREDENTIALS);
    }

    @Test
    void nobodyAnswers() {
        ApiFailure failure = ApiFailure.of(
                new KubernetesClientException("An error has occurred.", new ConnectException("Connection refused")));

        assertThat(failure.nature()).isEqualTo(Nature.TRANSIENT);
        assertThat(failure.describe("volumes.longhorn.io"))
                .hasMessage("volumes.longhorn.io: the API server does not answer: Connection refused");
    }

    @Test
    void ofARefusalOnlyTheReasonIsTold() {
        assertThat(answer(422, "admission webhook \"validator.longhorn.io\" denied the request: the volume is faulted")
                        .describe("Backup b1"))
                .hasMessage("Backup b1: Longhorn refuses: the volume is faulted");
    }
}
